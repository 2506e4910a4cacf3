{#- The list `metrics` per version, role, slice and period: none so far.
    spec: what the monitor measures (_monitor_spec) · rows: name of the temporary table of _monitored_rows · periods: name of
    that of _monitored_periods. -#}
{% macro _live_metrics(spec, rows, periods) -%}
select
    version,
    role,
    slice_column,
    slice_value,
    period_start,
    [] as metrics
from {{ periods }}
where false
{%- endmacro %}
