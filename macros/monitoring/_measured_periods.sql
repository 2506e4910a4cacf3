{#- The periods to write rows of: version, role, slice and period, with the number of rows, and of those with a label. From the
    first to the last period of a version none is left out, also where it has no rows, save for the rest of a gap of more than
    366; nor is a slice. Slices are all rows, and of each slice column the 50 values that most rows have, and those that the
    reference of the version has.
    spec: what the monitor measures (_monitor_spec) · rows: name of the temporary table of _monitored_scores. -#}
{% macro _monitored_periods(spec, rows) -%}
{%- set numbers = range(1, spec.slices | length + 1) | list -%}
with counted as (

    select
        __version as version,
        __role as role,
        {{ warehouse_ml._slice_columns(spec, numbers) | indent(8) }},
        __period_start as period_start,
        count(*) as row_count,
        {% if spec.label %}count({{ warehouse_ml._quoted(spec.label) }}){% else %}cast(0 as bigint){% endif %} as labelled_rows
    from {{ rows }}
    group by grouping sets ({{ warehouse_ml._slice_sets(numbers) }})

),

frequent_slices as (

    select
        version,
        role,
        slice_column,
        slice_value
    from counted
    group by 1, 2, 3, 4
    qualify row_number() over (
        partition by version, role, slice_column order by sum(row_count) desc, slice_value asc
    ) <= 50

),

{%- if spec.slices %}

reference_slices as (

    select distinct
        version,
        case lower(entry.slice_column)
            {%- for column in spec.slices %}
            when lower({{ warehouse_ml._text(column) }}) then {{ warehouse_ml._text(column) }}
            {%- endfor %}
        end as slice_column,
        entry.slice_value
    from (select version, unnest(reference_profile) as entry from {{ spec.versions }}) as entries

),
{%- endif %}

slices as (

    select * from frequent_slices
    {%- if spec.slices %}
    union
    select
        frequent_slices.version,
        frequent_slices.role,
        reference_slices.slice_column,
        reference_slices.slice_value
    from reference_slices
    inner join frequent_slices
        on reference_slices.version = frequent_slices.version
    where reference_slices.slice_column is not null
    {%- endif %}

),

numbered as (

    select
        *,
        row_number() over (
            order by version asc, role asc, slice_column asc nulls first, slice_value asc nulls first
        ) as slice_number
    from slices

),

existing as (

    select distinct
        version,
        role,
        period_start
    from counted

),

followed as (

    select
        *,
        lead(period_start) over (partition by version, role order by period_start asc) as next_start
    from existing

),

-- A single row of the year 9999 does not make thousands of periods.
starts as (

    select
        version,
        role,
        unnest(generate_series(
            period_start,
            least(next_start - interval 1 {{ spec.period }}, period_start + interval 366 {{ spec.period }}),
            interval 1 {{ spec.period }}
        )) as period_start
    from followed
    where next_start is not null
    union all
    select
        version,
        role,
        period_start
    from followed
    where next_start is null

)

select
    numbered.slice_number,
    numbered.version,
    numbered.role,
    numbered.slice_column,
    numbered.slice_value,
    '{{ spec.period }}' as period,
    starts.period_start,
    starts.period_start + interval 1 {{ spec.period }} as period_end,
    coalesce(counted.row_count, 0) as row_count,
    coalesce(counted.labelled_rows, 0) as labelled_rows
from numbered
inner join starts
    on
        numbered.version = starts.version
        and numbered.role = starts.role
left join counted
    on
        numbered.version = counted.version
        and numbered.role = counted.role
        and numbered.slice_column is not distinct from counted.slice_column
        and numbered.slice_value is not distinct from counted.slice_value
        and starts.period_start = counted.period_start
{%- endmacro %}


{#- The columns slice_column and slice_value of rows that are grouped by _slice_sets.
    spec: what the monitor measures · numbers: list of the numbers of its slice columns. -#}
{% macro _slice_columns(spec, numbers) -%}
case
    {%- for number in numbers %}
    when grouping(__slice_{{ number }}) = 0 then {{ warehouse_ml._text(spec.slices[number - 1]) }}
    {%- endfor %}
    when true then cast(null as varchar)
end as slice_column,
coalesce({% for number in numbers %}__slice_{{ number }}, {% endfor %}cast(null as varchar)) as slice_value
{%- endmacro %}


{#- The grouping sets of all rows, and of each slice column.
    numbers: list of the numbers of the slice columns · more: further columns to group by, as text · of_all_rows: whether there is
    one of all rows. -#}
{% macro _slice_sets(numbers, more='', of_all_rows=true) -%}
    {%- set always = '__version, __role, __period_start' ~ more -%}
    {%- set sets = ['(' ~ always ~ ')'] if of_all_rows else [] -%}
    {%- for number in numbers -%}{%- do sets.append('(' ~ always ~ ', __slice_' ~ number ~ ')') -%}{%- endfor -%}
    {{ sets | join(', ') }}
{%- endmacro %}


{#- The rows that a build writes to the monitor's table.
    spec: what the monitor measures · periods: name of the temporary table of _monitored_periods · profiles, drift: names of
    those of _profiles and _drift · metrics: query of the live metrics. -#}
{% macro _measured_periods(spec, periods, profiles, drift, metrics) -%}
with profiles as (

    select
        slice_number,
        period_start,
        list(profile order by profile.kind asc, profile.feature asc) as profile
    from {{ profiles }}
    group by 1, 2

),

drift as (

    select
        slice_number,
        period_start,
        list(drift order by drift.kind asc, drift.feature asc, drift.compared_with desc) as drift
    from {{ drift }}
    group by 1, 2

),

metrics as (

    {{ metrics | indent(4) }}

)

select
    {{ warehouse_ml._text(spec.versions.schema) }} as model_schema,
    {{ warehouse_ml._text(spec.model) }} as model_name,
    periods.* exclude (slice_number),
    coalesce(profiles.profile, []) as profile,
    coalesce(drift.drift, []) as drift,
    coalesce(metrics.metrics, []) as metrics,
    {{ warehouse_ml.utc_now() }} as measured_at,
    {{ warehouse_ml._text(invocation_id) }} as dbt_invocation_id
from {{ periods }} as periods
left join profiles
    on
        periods.slice_number = profiles.slice_number
        and periods.period_start = profiles.period_start
left join drift
    on
        periods.slice_number = drift.slice_number
        and periods.period_start = drift.period_start
left join metrics
    on
        periods.version = metrics.version
        and periods.role = metrics.role
        and periods.period_start = metrics.period_start
        and periods.slice_column is not distinct from metrics.slice_column
        and periods.slice_value is not distinct from metrics.slice_value
{%- endmacro %}
