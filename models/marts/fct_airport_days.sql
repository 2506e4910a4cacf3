{{ by_increments('flight_date', margin='7 day') }}

with flights as (

    select * from {{ ref('fct_flights') }}
    where {{ in_increment('flight_date') }}

),

-- A day counts once the fate of all its departures is known.
days as (

    select
        concat_ws('-', origin_airport_id, flight_date) as airport_day_id,
        origin_airport_id as airport_id,
        cast(count(*) as integer) as planned_departures,
        cast(sum(departure_delay_minutes) as double) / count(departure_delay_minutes) as mean_departure_delay_minutes,
        cast(sum(case when is_cancelled then 1 else 0 end) as double) / count(*) as cancelled_share,
        cast(sum(case when is_delayed then 1 else 0 end) as double) / nullif(count(is_delayed), 0) as late_share,
        flight_date
    from flights
    group by 1, 2, 7
    having count(*) = count(departure_known_at)

)

select * from days
