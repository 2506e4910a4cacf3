{{ config(materialized='view') }}

-- The machine of the last ten whole builds, and how many of their nodes could run at once.
with builds as (

    select runs.*
    from {{ ref('pipeline_runs').render() }} as runs
    where command = 'build' and status = 'success' and not is_without_data
    qualify
        row_number() over (order by started_at desc) <= 10
        and coalesce(node_count, 0) >= 0.9e0 * max(coalesce(node_count, 0)) over ()

),

node_seconds as (

    select
        nodes.dbt_invocation_id,
        sum(nodes.seconds) as seconds
    from {{ ref('pipeline_nodes').render() }} as nodes
    inner join builds
        on nodes.dbt_invocation_id = builds.dbt_invocation_id
    group by 1

),

machine as (

    select
        1 as machine_number,
        max(builds.cpu_count) as cpu_count,
        max_by(builds.machine_memory_bytes, builds.started_at) as machine_memory_bytes,
        median(node_seconds.seconds / nullif(builds.critical_path_seconds, 0)) as parallelism
    from builds
    left join node_seconds
        on builds.dbt_invocation_id = node_seconds.dbt_invocation_id

)

select * from machine
