{{ config(materialized='view') }}

-- What the ten runs before let expect of each of a node's last ten runs, and of the next one, beside what came of it.
with runs as (

    select * from {{ ref('forecast_runs').render() }}

),

numbered as (

    select
        *,
        size - lag(size) over (partition by unique_id order by run_started_at asc) as growth,
        row_number() over (partition by unique_id order by run_started_at desc) as runs_ago
    from runs

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
