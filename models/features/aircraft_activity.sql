{{ by_increments('known_at', margin='7 day') }}

with departures as (

    select
        aircraft_id,
        departed_at as event_at,
        departure_known_at as known_at,
        scheduled_duration_minutes as aircraft_last_duration_minutes,
        departure_delay_minutes as aircraft_last_departure_delay
    from {{ ref('fct_flights') }}
    where
        departed_at is not null
        and aircraft_id is not null
        and {{ in_increment('departure_known_at', history='24 hour') }}

),

rolled as (

    {{ rolling_aggregate(
        relation='departures',
        keys=['aircraft_id'],
        at='known_at',
        measures={
            'aircraft_mean_departure_delay': {'mean': 'aircraft_last_departure_delay'},
            'aircraft_departures': {'count': '*'},
        },
        windows={'24h': '24 hour'},
        with_itself=true
    ) | indent(4) }}

)

select * from rolled
where {{ in_increment('known_at') }}
qualify row_number() over (
    partition by aircraft_id, known_at order by aircraft_last_duration_minutes asc, aircraft_last_departure_delay asc
) = 1
