-- A wrong time zone shifts arrivals by whole hours: every scheduled leg takes 40 minutes to 12 hours, and what a flight
-- spends on the ground between gate and runway, both ends together, takes 5 minutes to 5 hours.
with flights as (

    select * from {{ ref('fct_flights') }}

),

measured as (

    select
        flight_id,
        scheduled_duration_minutes,
        {{ minutes_between('departed_at', 'arrived_at') }} - air_time_minutes as taxi_minutes
    from flights

)

select * from measured
where
    scheduled_duration_minutes not between 40 and 720
    or taxi_minutes not between 5 and 300
