{#- The rows that a build writes to the monitor's table.
    spec: what the monitor measures (_monitor_spec) · rows: name of the temporary table with the monitored rows
    · relation: relation of the monitor, with the rows of earlier builds. -#}
{% macro _measured_periods(spec, rows, relation) -%}
with periods as (

    {{ warehouse_ml._monitored_periods(spec, rows) | indent(4) }}

),

drift as (

    {{ warehouse_ml._drift(spec, rows, relation) | indent(4) }}

),

metrics as (

    {{ warehouse_ml._live_metrics(spec, rows) | indent(4) }}

)

select
    {{ warehouse_ml._text(spec.model) }} as model_name,
    periods.*,
    coalesce(drift.profile, []) as profile,
    coalesce(drift.drift, []) as drift,
    coalesce(metrics.metrics, []) as metrics,
    {{ warehouse_ml.utc_now() }} as measured_at,
    {{ warehouse_ml._text(invocation_id) }} as dbt_invocation_id
from periods
{%- for table in ('drift', 'metrics') %}
left join {{ table }}
    on
        periods.version = {{ table }}.version
        and periods.role = {{ table }}.role
        and periods.period_start = {{ table }}.period_start
        and periods.slice_column is not distinct from {{ table }}.slice_column
        and periods.slice_value is not distinct from {{ table }}.slice_value
{%- endfor %}
{%- endmacro %}


{#- Version, role, slice and period of the monitored rows, and how many rows there are, and how many with a label.
    spec: what the monitor measures · rows: name of the temporary table with the monitored rows. -#}
{% macro _monitored_periods(spec, rows) -%}
{%- set sets = ['__version, __role, __period_start'] -%}
{%- for column in spec.slices -%}
    {%- do sets.append('__version, __role, __period_start, __slice_' ~ loop.index) -%}
{%- endfor -%}
select
    __version as version,
    __role as role,
    case
        {%- for column in spec.slices %}
        when grouping(__slice_{{ loop.index }}) = 0 then {{ warehouse_ml._text(column) }}
        {%- endfor %}
        else cast(null as varchar)
    end as slice_column,
    coalesce({% for column in spec.slices %}__slice_{{ loop.index }}, {% endfor %}cast(null as varchar)) as slice_value,
    '{{ spec.period }}' as period,
    __period_start as period_start,
    __period_start + interval 1 {{ spec.period }} as period_end,
    count(*) as row_count,
    {% if spec.label %}count({{ adapter.quote(spec.label) }}){% else %}cast(0 as bigint){% endif %} as labelled_rows
from {{ rows }}
group by grouping sets (
    {%- for set in sets %}
    ({{ set }}){{ ',' if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}


{#- The list `metrics` per version, role, slice and period: none so far.
    spec: what the monitor measures · rows: name of the temporary table with the monitored rows. -#}
{% macro _live_metrics(spec, rows) -%}
select
    version,
    role,
    slice_column,
    slice_value,
    period_start,
    [] as metrics
from ({{ warehouse_ml._monitored_periods(spec, rows) }}) as periods
where false
{%- endmacro %}


{#- The lists `profile` and `drift` per version, role, slice and period: none so far. -#}
{% macro _drift(spec, rows, relation) -%}
select
    version,
    role,
    slice_column,
    slice_value,
    period_start,
    [] as profile,
    [] as drift
from ({{ warehouse_ml._monitored_periods(spec, rows) }}) as periods
where false
{%- endmacro %}
