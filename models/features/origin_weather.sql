with observations as (

    select
        airport_id as origin_airport_id,
        observed_at as event_at,
        observation_known_at as known_at,
        temperature_f,
        dew_point_f,
        humidity_percent,
        wind_direction_degrees,
        wind_speed_mph,
        wind_gust_mph,
        precipitation_inches,
        pressure_millibars,
        visibility_miles,
        cast(sum(cast(precipitation_inches as decimal(9, 2))) over last_6_hours as double) as precipitation_inches_6h,
        min(visibility_miles) over last_6_hours as lowest_visibility_miles_6h
    from {{ ref('fct_weather_observations') }}
    window last_6_hours as ({{ last_window(['airport_id'], 'observation_known_at', "'6' hour") }})

)

select * from observations
