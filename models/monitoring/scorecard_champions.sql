{{ config(materialized='view') }}

-- What was known of each model's version that scores when a build ended.
with builds as (

    select * from {{ ref('scorecard_builds').render() }}

),

decisions as (

    select * from {{ ref('model_decisions').render() }}

),

versions as (

    select * from {{ ref('model_versions').render() }}

),

accuracies as (

    select * from {{ ref('scorecard_accuracies').render() }}

),

champions as (

    select
        builds.dbt_invocation_id,
        decisions.model_name,
        decisions.version
    from builds
    inner join decisions
        on builds.ended_at >= decisions.decided_at
    qualify
        row_number() over (
            partition by builds.dbt_invocation_id, decisions.model_name
            order by decisions.sequence desc
        ) = 1

),

figures as (

    select
        champions.*,
        versions.feature_count as selected_features,
        versions.offered_feature_count as offered_features,
        accuracies.tested as accuracy,
        coalesce(accuracies.validated, accuracies.tested) as validation,
        accuracies.tested - accuracies.of_constant as accuracy_gain
    from champions
    left join versions
        on
            champions.model_name = versions.model_name
            and champions.version = versions.version
    left join accuracies
        on
            champions.model_name = accuracies.model_name
            and champions.version = accuracies.version

)

select * from figures
