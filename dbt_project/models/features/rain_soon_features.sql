with observations as (

    select * from {{ warehouse_ml.accepted_rows('jfk_weather') | indent(4) }}

),

-- An observation may be taken at any minute of its hour, so it is known, and a prediction made, when the hour is over.
known as (

    select
        origin || ' ' || cast(time_hour as varchar) as observation_id,
        origin as airport_id,
        temp as temperature_f,
        temp - dewp as dew_point_spread_f,
        humid as humidity_percent,
        wind_dir as wind_direction_degrees,
        wind_speed as wind_speed_mph,
        precip as precipitation_inches,
        pressure as pressure_millibars,
        visib as visibility_miles,
        time_hour + interval '1' hour as predicted_at
    from observations

),

features as (

    select
        * exclude (predicted_at),
        max(precipitation_inches) over last_6_hours as highest_precipitation_inches_6h,
        max(pressure_millibars) over last_6_hours - pressure_millibars as pressure_fall_millibars_6h,
        min(visibility_miles) over last_6_hours as lowest_visibility_miles_6h,
        case
            when count(*) over next_3_hours = 3 then max(precipitation_inches) over next_3_hours > 0
        end as is_rain_soon,
        predicted_at
    from known
    window
        last_6_hours as ({{ warehouse_ml.last_window(['airport_id'], 'predicted_at', "'5' hour") }}),
        next_3_hours as (
            partition by airport_id
            order by predicted_at asc nulls last
            range between interval '1' hour following and interval '3' hour following
        )

)

select * from features
