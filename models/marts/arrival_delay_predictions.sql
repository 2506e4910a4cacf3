with predictions as (

    {{ predict(ref('arrival_delay_minutes'), ref('flight_delay_features')) | indent(4) }}

)

select
    flight_id,
    predicted_at,
    prediction as arrival_delay_minutes,
    model_version,
    scored_at
from predictions
