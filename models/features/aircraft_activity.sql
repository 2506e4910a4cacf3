with departures as (

    select
        aircraft_id,
        departed_at as event_at,
        departure_known_at as known_at,
        scheduled_duration_minutes as aircraft_last_duration_minutes,
        departure_delay_minutes as aircraft_last_departure_delay,
        avg(departure_delay_minutes) over last_day as aircraft_mean_departure_delay_24h,
        count(*) over last_day as aircraft_departures_24h
    from {{ ref('fct_flights') }}
    where departed_at is not null and aircraft_id is not null
    window last_day as ({{ last_window(['aircraft_id'], 'departure_known_at', "'24' hour") }})

)

select * from departures
qualify row_number() over (
    partition by aircraft_id, known_at order by aircraft_last_duration_minutes asc, aircraft_last_departure_delay asc
) = 1
