{{ config(materialized='view') }}

-- What was known of each model's version that scores when a build ended.
with runs as (

    select
        dbt_invocation_id,
        ended_at
    from {{ ref('pipeline_runs').render() }}
    where command in ('build', 'run') and not is_without_data and status in ('success', 'error')

),

decisions as (

    select * from {{ ref('model_decisions').render() }}

),

versions as (

    select * from {{ ref('model_versions').render() }}

),

-- One figure between 0 and 1 that says how right a version is, by its task.
measured as (

    select
        metrics.model_name,
        metrics.version,
        metrics.dataset,
        metrics.predictor,
        case
            when metrics.metric_value > 1e0 then 1e0
            when metrics.metric_value < 0e0 then 0e0
            else metrics.metric_value
        end as accuracy
    from {{ ref('model_metrics').render() }} as metrics
    inner join versions
        on
            metrics.model_name = versions.model_name
            and metrics.version = versions.version
            and metrics.metric = case
                when versions.task in ('binary', 'multiclass') then 'accuracy'
                when versions.task = 'regression' then 'r2'
                when versions.task = 'clustering' then 'simplified_silhouette'
                else 'roc_auc'
            end

),

accuracies as (

    select
        model_name,
        version,
        max(accuracy) filter (where dataset = 'test' and predictor = 'model') as tested,
        max(accuracy) filter (where dataset = 'validation' and predictor = 'model') as validated,
        max(accuracy) filter (where dataset = 'test' and predictor = 'constant') as of_constant
    from measured
    group by 1, 2

),

champions as (

    select
        runs.dbt_invocation_id,
        decisions.model_name,
        decisions.version
    from runs
    inner join decisions
        on runs.ended_at >= decisions.decided_at
    qualify
        row_number() over (
            partition by runs.dbt_invocation_id, decisions.model_name
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
