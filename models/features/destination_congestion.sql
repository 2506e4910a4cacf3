{{ by_increments('known_at', margin='7 day') }}

with arrivals as (

    select
        destination_airport_id,
        arrived_at as event_at,
        arrival_known_at as known_at,
        arrival_delay_minutes
    from {{ ref('fct_flights') }}
    where arrival_delay_minutes is not null and {{ in_increment('arrival_known_at', history='12 hour') }}

),

rolled as (

    {{ rolling_aggregate(
        relation='arrivals',
        keys=['destination_airport_id'],
        at='known_at',
        measures={
            'destination_mean_arrival_delay': {'mean': 'arrival_delay_minutes'},
        },
        windows={'3h': '3 hour', '12h': '12 hour'},
        columns=['destination_airport_id', 'event_at', 'known_at'],
        with_itself=true
    ) | indent(4) }}

)

select distinct * from rolled
where {{ in_increment('known_at') }}
