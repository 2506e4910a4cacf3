-- What the feature views and the point-in-time join give for some 400 flights, worked out again the plain way: from all
-- facts known by the prediction time, without windows, running sums or as-of joins.
with sampled as (

    select features.*
    from {{ ref('flight_delay_features') }} as features
    inner join {{ ref('flight_delay_spine') }} as spine
        on features.flight_id = spine.flight_id
    where hash(features.flight_id) % 200 = 0

),

flights as (

    select * from {{ ref('fct_flights') }}

),

origin_departures as (

    select
        sampled.flight_id,
        flights.departure_delay_minutes,
        flights.departure_known_at,
        max(flights.departure_known_at) over (partition by sampled.flight_id) as last_known_at
    from sampled
    inner join flights
        on
            sampled.origin_airport_id = flights.origin_airport_id
            and sampled.predicted_at >= flights.departure_known_at
            and flights.departed_at is not null

),

origin_delays as (

    select
        flight_id,
        avg(departure_delay_minutes) as mean_departure_delay_3h
    from origin_departures
    where departure_known_at > last_known_at - interval '3' hour
    group by 1

),

overdue as (

    select
        sampled.flight_id,
        count(*) as overdue_departures
    from sampled
    inner join flights
        on
            sampled.origin_airport_id = flights.origin_airport_id
            and sampled.predicted_at >= flights.scheduled_departure_at
            and flights.scheduled_departure_at + interval '6' hour > sampled.predicted_at
            and not coalesce(sampled.predicted_at >= flights.departure_known_at, false)
    group by 1

),

route_delays as (

    select
        sampled.flight_id,
        count(*) as arrivals_28d
    from sampled
    inner join flights
        on
            sampled.origin_airport_id = flights.origin_airport_id
            and sampled.destination_airport_id = flights.destination_airport_id
            and flights.arrival_delay_minutes is not null
            and sampled.predicted_at >= flights.arrival_known_at
            and flights.arrival_known_at
            > sampled.predicted_at - interval '28' day - sampled.route_history_age_minutes * interval '1' minute
    group by 1

),

last_weather as (

    select
        sampled.flight_id,
        max_by(weather.temperature_f, weather.observed_at) as temperature_f,
        max(weather.observed_at) as observed_at
    from sampled
    inner join {{ ref('fct_weather_observations') }} as weather
        on
            sampled.origin_airport_id = weather.airport_id
            and weather.observed_at + interval '1' hour <= sampled.predicted_at
    group by 1

),

-- The last known hour and the five before it, each by its number.
six_hours as (

    select
        sampled.flight_id,
        sum(weather.precipitation_inches) as precipitation_inches,
        min(weather.visibility_miles) as lowest_visibility_miles
    from sampled
    inner join last_weather
        on sampled.flight_id = last_weather.flight_id
    inner join {{ ref('fct_weather_observations') }} as weather
        on
            sampled.origin_airport_id = weather.airport_id
            and {{ minutes_between('weather.observed_at', 'last_weather.observed_at') }} in (0, 60, 120, 180, 240, 300)
    group by 1

),

compared as (

    select
        sampled.flight_id,
        sampled.origin_mean_departure_delay_3h,
        origin_delays.mean_departure_delay_3h,
        sampled.origin_overdue_departures,
        coalesce(overdue.overdue_departures, 0) as overdue_departures,
        sampled.route_arrivals_28d,
        route_delays.arrivals_28d,
        sampled.temperature_f,
        last_weather.temperature_f as last_temperature_f,
        sampled.precipitation_inches_6h,
        six_hours.precipitation_inches,
        sampled.lowest_visibility_miles_6h,
        six_hours.lowest_visibility_miles
    from sampled
    left join origin_delays
        on sampled.flight_id = origin_delays.flight_id
    left join overdue
        on sampled.flight_id = overdue.flight_id
    left join route_delays
        on sampled.flight_id = route_delays.flight_id
    left join last_weather
        on sampled.flight_id = last_weather.flight_id
    left join six_hours
        on sampled.flight_id = six_hours.flight_id

)

select * from compared
where
    abs(origin_mean_departure_delay_3h - mean_departure_delay_3h) > 1e-9
    or (origin_mean_departure_delay_3h is null) <> (mean_departure_delay_3h is null)
    or coalesce(origin_overdue_departures, 0) <> overdue_departures
    or coalesce(route_arrivals_28d, 0) <> coalesce(arrivals_28d, 0)
    or temperature_f is distinct from last_temperature_f
    or abs(precipitation_inches_6h - precipitation_inches) > 1e-9
    or (precipitation_inches_6h is null) <> (precipitation_inches is null)
    or lowest_visibility_miles_6h is distinct from lowest_visibility_miles
