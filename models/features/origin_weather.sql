{{ by_increments('known_at', margin='7 day') }}

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
        visibility_miles
    from {{ ref('fct_weather_observations') }}
    where {{ in_increment('observation_known_at', history='6 hour') }}

),

rolled as (

    {{ rolling_aggregate(
        relation='observations',
        keys=['origin_airport_id'],
        at='known_at',
        measures={
            'precipitation_inches': {'sum': 'cast(precipitation_inches as decimal(9, 2))'},
            'lowest_visibility_miles': {'min': 'visibility_miles'},
        },
        windows={'6h': '6 hour'},
        with_itself=true
    ) | indent(4) }}

)

select * from rolled
where {{ in_increment('known_at') }}
