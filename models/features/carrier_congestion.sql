{{ by_increments('known_at', margin='7 day') }}

with departures as (

    select
        airline_id,
        origin_airport_id,
        departed_at as event_at,
        departure_known_at as known_at,
        departure_delay_minutes
    from {{ ref('fct_flights') }}
    where departed_at is not null and {{ in_increment('departure_known_at', history='7 day') }}

),

rolled as (

    {{ rolling_aggregate(
        relation='departures',
        keys=['airline_id', 'origin_airport_id'],
        at='known_at',
        measures={
            'carrier_mean_departure_delay': {'mean': 'departure_delay_minutes'},
            'carrier_late_share': {'rate': 'departure_delay_minutes >= 15', 'windows': ['3h']},
        },
        windows={'3h': '3 hour', '12h': '12 hour', '7d': '7 day'},
        columns=['airline_id', 'origin_airport_id', 'event_at', 'known_at'],
        with_itself=true
    ) | indent(4) }}

)

select distinct * from rolled
where {{ in_increment('known_at') }}
