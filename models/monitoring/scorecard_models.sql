{{ config(materialized='view') }}

-- What each model of a build is worth, and all of them together.
with champions as (

    select * from {{ ref('scorecard_champions').render() }}

),

weights as (

    {{ _scorecard_weights() | indent(4) }}

),

by_model as (

    select
        champions.dbt_invocation_id,
        champions.model_name,
        champions.selected_features,
        champions.offered_features,
        champions.accuracy,
        champions.validation,
        weights.weight * (champions.accuracy_gain * weights.scalability) / weights.cost as enterprise_value
    from champions
    left join weights
        on champions.model_name = weights.model_name

),

models as (

    select * from by_model
    union all by name
    select
        dbt_invocation_id,
        cast(null as varchar) as model_name,
        sum(selected_features) as selected_features,
        sum(offered_features) as offered_features,
        avg(accuracy) as accuracy,
        min(validation) as validation,
        sum(enterprise_value) as enterprise_value
    from by_model
    group by 1

)

select * from models
