{{ config(materialized='view') }}

-- The figures of every build and of every model in it; docs/scorecard.md has the formulas.
with runs as (

    select * from {{ ref('pipeline_runs').render() }}

),

figures as (

    select
        runs.dbt_invocation_id,
        pipelines.model_name,
        runs.status,
        runs.started_at,
        pipelines.extract_seconds,
        pipelines.transform_seconds,
        pipelines.store_seconds,
        pipelines.pipeline_latency_seconds,
        quality.data_quality_score,
        models.selected_features / cast(nullif(models.offered_features, 0) as double) as feature_efficiency,
        models.validation,
        deployments.reliability,
        models.enterprise_value,
        pipelines.scored_rows / nullif(pipelines.scoring_execute_seconds, 0) as scoring_throughput,
        pipelines.scoring_latency_seconds,
        models.accuracy,
        pipelines.peak_memory_bytes / cast(runs.machine_memory_bytes as double) as memory_use,
        case
            when pipelines.model_name is null then runs.cpu_seconds / nullif(runs.seconds * runs.cpu_count, 0)
        end as cpu_use,
        case
            when deployments.is_deployed
                then 60e0 * {{ minutes_between('runs.started_at', 'coalesce(pipelines.published_at, runs.ended_at)') }}
        end as deployment_seconds,
        coalesce(deployments.deployments_per_month, 0) as deployments_per_month,
        deployments.hours_to_recover
    from {{ ref('scorecard_pipelines').render() }} as pipelines
    inner join runs
        on pipelines.dbt_invocation_id = runs.dbt_invocation_id
    {%- for name, relation in {
        'models': ref('scorecard_models').render(),
        'quality': ref('scorecard_quality').render(),
        'deployments': ref('scorecard_deployments').render(),
    }.items() %}
    left join {{ relation }} as {{ name }}
        on
            pipelines.dbt_invocation_id = {{ name }}.dbt_invocation_id
            and pipelines.model_name is not distinct from {{ name }}.model_name
    {%- endfor %}

),

scorecard as (

    select
        *,
        case
            when data_quality_score is not null and feature_efficiency is not null and validation is not null
                then least(data_quality_score, feature_efficiency, validation)
        end as deployment_readiness
    from figures

)

select * from scorecard
