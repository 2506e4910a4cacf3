{{ config(
    materialized='incremental',
    unique_key='flight_id',
    on_schema_change='fail',
    post_hook="{{ drop_gone_rows(ref('flight_outcome_features'), key='flight_id') }}"
) }}

with predictions as (

    {{ predict(
        ref('flight_outcome'),
        ref('flight_outcome_features'),
        outputs=['predicted_class', 'probabilities'],
        key='flight_id'
    ) | indent(4) }}

)

select
    flight_id,
    predicted_at,
    predicted_class as predicted_outcome,
    probabilities['on time'] as on_time_probability,
    probabilities['late'] as late_probability,
    probabilities['lost'] as lost_probability,
    row_hash,
    model_version,
    scored_at
from predictions
