with arrivals as (

    select
        origin_airport_id,
        destination_airport_id,
        arrived_at as event_at,
        arrival_known_at as known_at,
        arrival_delay_minutes,
        case when arrival_delay_minutes >= 15 then 1e0 else 0e0 end as is_late
    from {{ ref('fct_flights') }}
    where arrival_delay_minutes is not null

),

rolled as (

    select distinct
        origin_airport_id,
        destination_airport_id,
        event_at,
        known_at,
        count(*) over last_28_days as route_arrivals_28d,
        avg(arrival_delay_minutes) over last_7_days as route_mean_arrival_delay_7d,
        avg(arrival_delay_minutes) over last_28_days as route_mean_arrival_delay_28d,
        avg(is_late) over last_28_days as route_late_share_28d
    from arrivals
    window
        last_7_days as ({{ last_window(['origin_airport_id', 'destination_airport_id'], 'known_at', "'7' day") }}),
        last_28_days as ({{ last_window(['origin_airport_id', 'destination_airport_id'], 'known_at', "'28' day") }})

)

select * from rolled
