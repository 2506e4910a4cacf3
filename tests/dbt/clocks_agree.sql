-- Every derived instant, read on the local clock, shows the number that was recorded. The clock skipped 02:00 to 03:00
-- on 10 March 2013; the one flight recorded inside that hour shows an hour later.
with instants as (

    select * from {{ ref('base_flight_instants') }}

),

recorded as (

    select
        flight_id,
        departure_clock as recorded_clock,
        {{ from_utc('departed_at', "'America/New_York'") }} as local_time
    from instants
    where departed_at is not null
    union all
    select
        flight_id,
        arrival_clock as recorded_clock,
        {{ from_utc('arrived_at', 'destination_time_zone') }} as local_time
    from instants
    where arrived_at is not null
    union all
    select
        flight_id,
        scheduled_departure_clock as recorded_clock,
        {{ from_utc('scheduled_departure_at', "'America/New_York'") }} as local_time
    from instants
    union all
    select
        flight_id,
        scheduled_arrival_clock as recorded_clock,
        {{ from_utc('scheduled_arrival_at', 'destination_time_zone') }} as local_time
    from instants

),

compared as (

    select
        *,
        {{ clock_minutes('recorded_clock') }} % 1440 as recorded_minute,
        extract(hour from local_time) * 60 + extract(minute from local_time) as derived_minute
    from recorded

)

select * from compared
where
    recorded_minute <> derived_minute
    and not (
        recorded_minute between 120 and 179
        and derived_minute = recorded_minute + 60
        and cast(local_time as date) = date '2013-03-10'
    )
