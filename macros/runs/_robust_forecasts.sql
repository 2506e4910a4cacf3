{#- CTEs, the last of them `forecasts`: each value of a series by its rank, 1 the latest, and the next one, 0, forecast from the ten before by
    the line of the median slope between any two of them (Theil-Sen), which no single outlier moves; never falling in size nor below 0.
    history: CTE with unique_id, measure, runs_ago, size, growth and measure_value. -#}
{% macro _robust_forecasts(history) -%}
targets as (

    select unique_id, measure, runs_ago, measure_value as actual_value from {{ history }} where runs_ago <= 10
    union all
    select distinct unique_id, measure, 0 as runs_ago, cast(null as double) as actual_value from {{ history }}

),

earlier_runs as (

    select
        targets.unique_id,
        targets.measure,
        targets.runs_ago,
        targets.actual_value,
        history.runs_ago as earlier_runs_ago,
        history.size,
        history.growth,
        history.measure_value
    from targets
    inner join {{ history }} as history
        on
            targets.unique_id is not distinct from history.unique_id
            and targets.measure = history.measure
            and history.runs_ago between targets.runs_ago + 1 and targets.runs_ago + 10

),

slopes as (

    select
        earlier.unique_id,
        earlier.measure,
        earlier.runs_ago,
        greatest(0e0, median((later.measure_value - earlier.measure_value) / (later.size - earlier.size))) as slope
    from earlier_runs as earlier
    inner join earlier_runs as later
        on
            earlier.unique_id is not distinct from later.unique_id
            and earlier.measure = later.measure
            and earlier.runs_ago = later.runs_ago
            and earlier.size < later.size
    group by 1, 2, 3

),

lines as (

    select
        earlier_runs.unique_id,
        earlier_runs.measure,
        earlier_runs.runs_ago,
        max(earlier_runs.actual_value) as actual_value,
        count(*) as known_runs,
        coalesce(max(slopes.slope), 0e0) as slope,
        median(earlier_runs.measure_value - coalesce(slopes.slope, 0e0) * earlier_runs.size) as intercept,
        max(earlier_runs.measure_value) as largest_value,
        max(case when earlier_runs.earlier_runs_ago = earlier_runs.runs_ago + 1 then earlier_runs.size end)
        + greatest(0e0, coalesce(median(earlier_runs.growth), 0e0)) as expected_rows
    from earlier_runs
    left join slopes
        on
            earlier_runs.unique_id is not distinct from slopes.unique_id
            and earlier_runs.measure = slopes.measure
            and earlier_runs.runs_ago = slopes.runs_ago
    group by 1, 2, 3

),

forecasts as (

    select
        unique_id,
        measure,
        runs_ago,
        known_runs,
        expected_rows,
        greatest(0e0, intercept + slope * expected_rows) as predicted_value,
        largest_value,
        actual_value
    from lines

)
{%- endmacro %}
