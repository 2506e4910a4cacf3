-- A cancellation is known a day after the schedule, a diversion a day after the departure or the scheduled arrival.
{{ by_increments('scheduled_departure_at', known_at='schedule_known_at', margin='2 day') }}

with flights as (

    select * from {{ ref('stg_flights') }}
    where {{ in_increment('scheduled_departure_at') }}

),

measured as (

    select
        flight_id,
        airline_id,
        aircraft_id,
        origin_airport_id,
        destination_airport_id,
        flight_number,
        distance_miles,
        cast({{ minutes_between('scheduled_departure_at', 'scheduled_arrival_at') }} as integer)
            as scheduled_duration_minutes,
        departure_delay_minutes,
        arrival_delay_minutes,
        air_time_minutes,
        is_cancelled,
        is_diverted,
        arrival_delay_minutes >= 15 as is_delayed,
        flight_date,
        scheduled_departure_at,
        scheduled_arrival_at,
        schedule_known_at,
        departed_at,
        departure_known_at,
        arrived_at,
        arrival_known_at
    from flights

)

select * from measured
