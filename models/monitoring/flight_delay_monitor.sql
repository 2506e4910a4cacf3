{{ config(materialized='ml_monitor') }}

with features as (

    select * from {{ ref('flight_delay_features') }}

),

predictions as (

    select * from {{ ref('flight_delay_predictions') }}

),

outcomes as (

    select * from {{ ref('flight_delay_training') }}

),

final as (

    select
        features.*,
        outcomes.is_delayed,
        predictions.probability,
        predictions.model_version
    from predictions
    inner join features
        on predictions.flight_id = features.flight_id
    left join outcomes
        on predictions.flight_id = outcomes.flight_id

)

select * from final
