with departures as (

    select
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
        origin_airport_id,
        event_at,
        known_at,
        count(*) over last_hour as origin_departures_1h,
        avg(departure_delay_minutes) over last_hour as origin_mean_departure_delay_1h,
        avg(departure_delay_minutes) over last_3_hours as origin_mean_departure_delay_3h,
        avg(departure_delay_minutes) over last_12_hours as origin_mean_departure_delay_12h,
        avg(is_late) over last_hour as origin_late_share_1h,
        avg(is_late) over last_3_hours as origin_late_share_3h
    from departures
    window
        last_hour as ({{ last_window(['origin_airport_id'], 'known_at', "'1' hour") }}),
        last_3_hours as ({{ last_window(['origin_airport_id'], 'known_at', "'3' hour") }}),
        last_12_hours as ({{ last_window(['origin_airport_id'], 'known_at', "'12' hour") }})

)

select * from rolled
