{{ by_increments('observed_at', known_at='observation_known_at') }}

with observations as (

    select * from {{ ref('stg_weather') }}
    where {{ in_increment('observed_at') }}

),

-- No wind above 230 mph has ever been recorded at the surface outside tropical cyclones and tornadoes.
cleaned as (

    select
        airport_id,
        temperature_f,
        dew_point_f,
        humidity_percent,
        wind_direction_degrees,
        case when wind_speed_mph <= 230 then wind_speed_mph end as wind_speed_mph,
        wind_gust_mph,
        precipitation_inches,
        pressure_millibars,
        visibility_miles,
        observed_at,
        observation_known_at
    from observations

)

select * from cleaned
