{{ config(materialized='view') }}

-- What the nodes of each build took, of the build as a whole and of the pipeline of each model.
with builds as (

    select * from {{ ref('scorecard_builds').render() }}

),

nodes as (

    select nodes.*
    from {{ ref('pipeline_nodes').render() }} as nodes
    inner join builds
        on nodes.dbt_invocation_id = builds.dbt_invocation_id

),

by_pipeline as (

    select
        *,
        cast(null as varchar) as model_name,
        len(scored_models) > 0 as is_scoring
    from nodes
    union all
    select
        * exclude (is_scoring),
        list_contains(scored_models, model_name) as is_scoring
    from (
        select
            *,
            unnest(models) as model_name,
            false as is_scoring
        from nodes
    ) as unnested

),

summed as (

    select
        dbt_invocation_id,
        model_name,
        coalesce(sum(seconds) filter (where step = 'extract'), 0e0) as extract_seconds,
        coalesce(sum(seconds) filter (where step = 'transform'), 0e0) as transform_seconds,
        coalesce(sum(seconds) filter (where step = 'store'), 0e0) as store_seconds,
        coalesce(sum(seconds) filter (where step in ('extract', 'transform', 'store')), 0e0)
            as pipeline_latency_seconds,
        sum(rows_written) filter (where is_scoring and rows_written > 0) as scored_rows,
        sum(seconds) filter (where is_scoring and rows_written > 0) as scoring_latency_seconds,
        sum(execute_seconds) filter (where is_scoring and rows_written > 0) as scoring_execute_seconds,
        max(peak_memory_bytes) as peak_memory_bytes,
        max(ended_at) filter (where step in ('transform', 'store') and status = 'success') as published_at
    from by_pipeline
    group by dbt_invocation_id, model_name

)

select * from summed
