with flights as (

    select * from {{ ref('base_flights') }}

),

airports as (

    select * from {{ ref('stg_airports') }}

),

departures as (

    select
        flights.*,
        destination.time_zone as destination_time_zone,
        {{ to_utc(
            add_minutes('cast(flights.flight_date as timestamp)', clock_minutes('flights.scheduled_departure_clock')),
            'origin.time_zone'
        ) }} as scheduled_departure_at
    from flights
    left join airports as origin
        on flights.origin_airport_id = origin.airport_id
    left join airports as destination
        on flights.destination_airport_id = destination.airport_id

),

-- Delays are elapsed minutes, also across midnight and the change to summer time, so they are added to the schedule.
scheduled as (

    select
        *,
        {{ next_clock_at('scheduled_departure_at', 'scheduled_arrival_clock', 'destination_time_zone') }}
            as scheduled_arrival_at,
        {{ add_minutes('scheduled_departure_at', 'departure_delay_minutes') }} as departed_at
    from departures

),

-- A diverted flight that reached its destination has an arrival clock, but no delay.
arrivals as (

    select
        *,
        coalesce(
            {{ add_minutes('scheduled_arrival_at', 'arrival_delay_minutes') }},
            {{ next_clock_at('departed_at', 'arrival_clock', 'destination_time_zone') }}
        ) as arrived_at
    from scheduled

),

-- Nothing on record says when a cancellation, or a diversion that ended elsewhere, was announced. A day after the
-- schedule even the longest recorded delay (21.7 hours) is over, so by then a missing time means that it won't come.
dated as (

    select
        *,
        scheduled_departure_at - interval '1' day as schedule_known_at,
        coalesce(departed_at, scheduled_departure_at + interval '1' day) as departure_known_at,
        coalesce(arrived_at, greatest(scheduled_arrival_at, departed_at) + interval '1' day) as arrival_known_at
    from arrivals

)

select * from dated
