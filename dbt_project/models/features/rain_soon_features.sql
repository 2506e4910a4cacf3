-- A prediction is made when an observed hour is over; whether the next three hours were wet, the label, is known later.
with spine as (

    select
        airport_id || ' ' || cast(event_at as varchar) as observation_id,
        airport_id,
        known_at as predicted_at,
        case
            when count(*) over next_3_hours = 3 then max(precipitation_inches) over next_3_hours > 0
        end as is_rain_soon
    from {{ ref('airport_weather') }}
    window
        next_3_hours as (
            partition by airport_id
            order by known_at asc nulls last
            range between interval '1' hour following and interval '3' hour following
        )

),

features as (

    {{ warehouse_ml.point_in_time_join(
        spine='spine',
        at='predicted_at',
        views=[ref('airport_weather')]
    ) | indent(4) }}

)

-- The observation is always new.
select
    * exclude (airport_weather_age_minutes, is_rain_soon, predicted_at),
    is_rain_soon,
    predicted_at
from features
