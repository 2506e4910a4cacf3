{{ by_increments('known_at', margin='7 day') }}

with flights as (

    select * from {{ ref('fct_flights') }}
    where {{ in_increment('schedule_known_at', history='2 hour') }}

),

-- Departures count that are scheduled up to an hour later, so their schedules are known up to an hour later too.
described as (

    select
        flight_id,
        schedule_known_at as event_at,
        schedule_known_at + interval '1' hour as known_at,
        distance_miles,
        scheduled_duration_minutes,
        cast({{ minutes_between(
            'cast(flight_date as timestamp)', from_utc('scheduled_departure_at', "'America/New_York'")
        ) }} as integer) as local_departure_minute,
        {{ iso_weekday('flight_date') }} as departure_weekday,
        count(*) over within_an_hour as origin_planned_departures_2h
    from flights
    window
        within_an_hour as (
            partition by origin_airport_id
            order by scheduled_departure_at asc
            range between interval '1' hour preceding and interval '1' hour following
        )

)

select * from described
where {{ is_known('known_at') }} and {{ in_increment('known_at') }}
