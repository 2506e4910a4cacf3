{{ config(materialized='ml_model') }}

select * from {{ ref('flight_delay_training') }}
