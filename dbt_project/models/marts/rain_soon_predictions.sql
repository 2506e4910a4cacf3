with predictions as (

    {{ warehouse_ml.predict(ref('rain_soon'), ref('rain_soon_features')) | indent(4) }}

)

select
    observation_id,
    airport_id,
    prediction as probability,
    model_version,
    predicted_at,
    scored_at
from predictions
