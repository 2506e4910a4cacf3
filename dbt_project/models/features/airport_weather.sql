with observations as (

    select * from {{ warehouse_ml.accepted_rows(ref('jfk_weather')) | indent(4) }}

),

-- An observation may be taken at any minute of its hour, so it is known when the hour is over.
known as (

    select
        origin as airport_id,
        temp as temperature_f,
        temp - dewp as dew_point_spread_f,
        humid as humidity_percent,
        wind_dir as wind_direction_degrees,
        wind_speed as wind_speed_mph,
        precip as precipitation_inches,
        pressure as pressure_millibars,
        visib as visibility_miles,
        time_hour as event_at,
        time_hour + interval '1' hour as known_at
    from observations
    where {{ warehouse_ml.is_known("time_hour + interval '1' hour") }}

),

rolled as (

    {{ warehouse_ml.rolling_aggregate(
        relation='known',
        keys='airport_id',
        at='known_at',
        measures={
            'highest_precipitation_inches': {'max': 'precipitation_inches'},
            'highest_pressure_millibars': {'max': 'pressure_millibars'},
            'lowest_visibility_miles': {'min': 'visibility_miles'},
        },
        windows={'6h': '6 hour'},
        with_itself=true
    ) | indent(4) }}

)

select
    * exclude (highest_pressure_millibars_6h),
    highest_pressure_millibars_6h - pressure_millibars as pressure_fall_millibars_6h
from rolled
