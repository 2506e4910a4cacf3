{{ config(materialized='ml_model') }}

select *
from {{ ref('rain_soon_features') }}
where is_rain_soon is not null
