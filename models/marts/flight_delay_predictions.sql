with predictions as (

    {{ predict(ref('flight_delay'), ref('flight_delay_features')) | indent(4) }}

)

select
    flight_id,
    predicted_at,
    prediction as probability,
    model_version,
    scored_at
from predictions
