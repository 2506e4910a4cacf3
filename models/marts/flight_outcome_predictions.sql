with predictions as (

    {{ predict(
        ref('flight_outcome'),
        ref('flight_outcome_features'),
        outputs=['predicted_class', 'probabilities']
    ) | indent(4) }}

)

select
    flight_id,
    predicted_at,
    predicted_class as predicted_outcome,
    probabilities['on time'] as on_time_probability,
    probabilities['late'] as late_probability,
    probabilities['lost'] as lost_probability,
    model_version,
    scored_at
from predictions
