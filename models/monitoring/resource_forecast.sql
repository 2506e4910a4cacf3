{{ config(materialized='view') }}

-- What the next build is going to take, and how far off the last forecasts were.
with forecasts as (

    select * from {{ ref('forecast_backtest').render() }}

),

machine as (

    select * from {{ ref('forecast_machine').render() }}

),

by_node as (

    select
        unique_id,
        {%- for measure, name in {'seconds': 'seconds', 'peak_memory_bytes': 'memory_bytes'}.items() %}
        max(predicted_value) filter (where measure = '{{ measure }}' and runs_ago = 0) as predicted_{{ name }},
        max(largest_value) filter (where measure = '{{ measure }}' and runs_ago = 0) as largest_{{ name }},
        median(abs(predicted_value - actual_value) / nullif(actual_value, 0)) filter (
            where measure = '{{ measure }}' and runs_ago > 0
        ) as {{ name }}_error,
        {%- endfor %}
        max(expected_rows) filter (where runs_ago = 0) as expected_rows,
        max(known_runs) filter (where runs_ago = 0) as known_runs
    from forecasts
    group by 1

),

limited as (

    select
        by_node.*,
        by_node.unique_id is null as is_build,
        case
            when by_node.unique_id is null then {{ _resource_limit('build_seconds') }}
            else {{ _resource_limit('node_seconds') }}
        end as limit_seconds,
        coalesce({{ _resource_limit('memory_mb') }} * 1048576, machine.machine_memory_bytes) as limit_memory_bytes,
        ceil(1.25e0 * greatest(by_node.predicted_memory_bytes, by_node.largest_memory_bytes) / 67108864) * 67108864
            as wanted_memory_bytes,
        least(machine.cpu_count, ceil(machine.parallelism)) as useful_threads,
        machine.machine_memory_bytes
    from by_node
    cross join machine

),

warned as (

    select
        * exclude (is_build, wanted_memory_bytes, useful_threads, machine_memory_bytes),
        case when is_build then useful_threads end as recommended_threads,
        case when is_build then least(machine_memory_bytes, wanted_memory_bytes) end as recommended_memory_bytes,
        {{ _limit_warning() | indent(8) }} as warning
    from limited

)

select * from warned
