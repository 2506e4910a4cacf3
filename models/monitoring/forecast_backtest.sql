{{ config(materialized='view') }}

-- What the ten runs before let expect of each of a node's last ten runs, and of the next one, beside what came of it.
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
        unique_id,
        run_started_at,
        coalesce(nullif(rows_read, 0), row_count, 0) as size,
        seconds,
        peak_memory_bytes
    from nodes
    union all
    select
        cast(null as varchar) as unique_id,
        whole_builds.started_at as run_started_at,
        coalesce(sum(nodes.row_count) filter (where nodes.step = 'extract'), 0) as size,
        max(whole_builds.seconds) as seconds,
        max(whole_builds.peak_memory_bytes) as peak_memory_bytes
    from whole_builds
    left join nodes
        on whole_builds.dbt_invocation_id = nodes.dbt_invocation_id
    group by whole_builds.dbt_invocation_id, whole_builds.started_at

),

numbered as (

    select
        *,
        size - lag(size) over (partition by unique_id order by run_started_at asc) as growth,
        row_number() over (partition by unique_id order by run_started_at desc) as runs_ago
    from measured

),

history as (

    {%- for measure in ('seconds', 'peak_memory_bytes') %}
    select
        unique_id,
        runs_ago,
        cast(size as double) as size,
        cast(growth as double) as growth,
        '{{ measure }}' as measure,
        cast({{ measure }} as double) as measure_value
    from numbered
    where runs_ago <= 20 and {{ measure }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

{{ _robust_forecasts('history') }}

select * from forecasts
