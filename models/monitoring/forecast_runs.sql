{{ config(materialized='view') }}

-- What each run of a node took, and how many rows it read; of whole builds too.
with runs as (

    select * from {{ ref('pipeline_runs').render() }}
    where not is_without_data and status in ('success', 'error')
    qualify row_number() over (order by started_at desc) <= 200

),

-- A build of some nodes says nothing about one of all.
whole_builds as (

    select * from runs
    where command = 'build' and status = 'success'
    qualify coalesce(node_count, 0) >= 0.9e0 * max(coalesce(node_count, 0)) over ()

),

nodes as (

    select
        nodes.*,
        runs.started_at as run_started_at
    from {{ ref('pipeline_nodes').render() }} as nodes
    inner join runs
        on nodes.dbt_invocation_id = runs.dbt_invocation_id
    where nodes.status in ('success', 'pass', 'warn', 'fail')

),

measured as (

    select
        dbt_invocation_id,
        unique_id,
        run_started_at,
        coalesce(nullif(rows_read, 0), row_count, 0) as size,
        seconds,
        peak_memory_bytes
    from nodes
    union all
    select
        whole_builds.dbt_invocation_id,
        cast(null as varchar) as unique_id,
        whole_builds.started_at as run_started_at,
        coalesce(sum(nodes.row_count) filter (where nodes.step = 'extract'), 0) as size,
        max(whole_builds.seconds) as seconds,
        max(whole_builds.peak_memory_bytes) as peak_memory_bytes
    from whole_builds
    left join nodes
        on whole_builds.dbt_invocation_id = nodes.dbt_invocation_id
    group by whole_builds.dbt_invocation_id, whole_builds.started_at

)

select * from measured
