with arrivals as (

    select
        destination_airport_id,
        arrived_at as event_at,
        arrival_known_at as known_at,
        arrival_delay_minutes
    from {{ ref('fct_flights') }}
    where arrival_delay_minutes is not null

),

rolled as (

    select distinct
        destination_airport_id,
        event_at,
        known_at,
        avg(arrival_delay_minutes) over last_3_hours as destination_mean_arrival_delay_3h,
        avg(arrival_delay_minutes) over last_12_hours as destination_mean_arrival_delay_12h
    from arrivals
    window
        last_3_hours as ({{ last_window(['destination_airport_id'], 'known_at', "'3' hour") }}),
        last_12_hours as ({{ last_window(['destination_airport_id'], 'known_at', "'12' hour") }})

)

select * from rolled
