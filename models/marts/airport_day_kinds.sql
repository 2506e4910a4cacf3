with predictions as (

    {{ predict(ref('airport_day_kind'), ref('fct_airport_days'), outputs=['predicted_class']) | indent(4) }}

)

select
    airport_day_id,
    airport_id,
    predicted_class as day_kind,
    flight_date,
    model_version,
    scored_at
from predictions
