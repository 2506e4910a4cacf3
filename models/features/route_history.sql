{{ by_increments('known_at', margin='7 day') }}

with arrivals as (

    select
        origin_airport_id,
        destination_airport_id,
        arrived_at as event_at,
        arrival_known_at as known_at,
        arrival_delay_minutes
    from {{ ref('fct_flights') }}
    where arrival_delay_minutes is not null and {{ in_increment('arrival_known_at', history='28 day') }}

),

rolled as (

    {{ rolling_aggregate(
        relation='arrivals',
        keys=['origin_airport_id', 'destination_airport_id'],
        at='known_at',
        measures={
            'route_arrivals': {'count': '*', 'windows': ['28d']},
            'route_mean_arrival_delay': {'mean': 'arrival_delay_minutes'},
            'route_late_share': {'rate': 'arrival_delay_minutes >= 15', 'windows': ['28d']},
        },
        windows={'7d': '7 day', '28d': '28 day'},
        columns=['origin_airport_id', 'destination_airport_id', 'event_at', 'known_at'],
        with_itself=true
    ) | indent(4) }}

)

select distinct * from rolled
where {{ in_increment('known_at') }}
