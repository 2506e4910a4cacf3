{{ config(
    materialized='incremental',
    unique_key='flight_id',
    on_schema_change='fail',
    post_hook="{{ drop_gone_rows(ref('flight_delay_features'), key='flight_id') }}"
) }}

with predictions as (

    {{ predict(ref('flight_delay'), ref('flight_delay_features'), key='flight_id') | indent(4) }}

)

select
    flight_id,
    predicted_at,
    prediction as probability,
    row_hash,
    model_version,
    scored_at
from predictions
