{{ config(materialized='view') }}

-- Events are rows that nothing updates; a run is all of its own. render() leaves out what --empty and --sample add to
-- a reference, as a view outlasts such a build.
with events as (

    select * from {{ ref('run_events').render() }}

),

runs as (

    select
        dbt_invocation_id,
        max(command) as command,
        max(project_name) as project_name,
        max(target_name) as target_name,
        max(status) as nodes_status,
        max(git_commit) as git_commit,
        max(package_version) as package_version,
        max(dbt_version) as dbt_version,
        max(dbt_duckdb_version) as dbt_duckdb_version,
        max(duckdb_version) as duckdb_version,
        max(python_version) as python_version,
        max(threads) as threads,
        max(duckdb_threads) as duckdb_threads,
        max(cpu_count) as cpu_count,
        max(node_count) as node_count,
        max(peak_memory_bytes) as peak_memory_bytes,
        max(machine_memory_bytes) as machine_memory_bytes,
        max(duckdb_memory_limit_bytes) as duckdb_memory_limit_bytes,
        max(case when event = 'ended' then elapsed_seconds end) as seconds,
        max(cpu_seconds) as cpu_seconds,
        max(critical_path_seconds) as critical_path_seconds,
        bool_or(is_full_refresh) as is_full_refresh,
        bool_or(is_without_data) as is_without_data,
        count(*) filter (where event = 'checked') > 0 as is_checked,
        count(*) filter (where event = 'reported') > 0 as is_reported,
        max(run_started_at) as started_at,
        max(case when event = 'ended' then happened_at end) as ended_at,
        max(case when event = 'killed' then happened_at end) as found_killed_at
    from events
    group by 1

),

judged as (

    select
        * exclude (nodes_status, is_checked, is_reported),
        case
            when ended_at is not null and is_reported then nodes_status
            when ended_at is not null then 'error'
            when found_killed_at is null then 'running'
            when is_checked then 'killed'
            else 'rejected'
        end as status
    from runs

)

select * from judged
