{{ config(materialized='view') }}

-- One figure between 0 and 1 that says how right a version is, by its task.
with versions as (

    select * from {{ ref('model_versions').render() }}

),

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

)

select * from accuracies
