with departures as (

    select
        airline_id,
        origin_airport_id,
        departed_at as event_at,
        departure_known_at as known_at,
        departure_delay_minutes,
        case when departure_delay_minutes >= 15 then 1e0 else 0e0 end as is_late
    from {{ ref('fct_flights') }}
    where departed_at is not null

),

rolled as (

    select distinct
        airline_id,
        origin_airport_id,
        event_at,
        known_at,
        avg(departure_delay_minutes) over last_3_hours as carrier_mean_departure_delay_3h,
        avg(departure_delay_minutes) over last_12_hours as carrier_mean_departure_delay_12h,
        avg(departure_delay_minutes) over last_7_days as carrier_mean_departure_delay_7d,
        avg(is_late) over last_3_hours as carrier_late_share_3h
    from departures
    window
        last_3_hours as ({{ last_window(['airline_id', 'origin_airport_id'], 'known_at', "'3' hour") }}),
        last_12_hours as ({{ last_window(['airline_id', 'origin_airport_id'], 'known_at', "'12' hour") }}),
        last_7_days as ({{ last_window(['airline_id', 'origin_airport_id'], 'known_at', "'7' day") }})

)

select * from rolled
