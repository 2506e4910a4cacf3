{#- The rows to measure: those of the monitor's query that are later than the training rows of the version that scored them, with
    the columns that all measuring groups by: `__version`, `__role` (champion: the published prediction, challenger: that of the
    second version of an A/B test), `__period_start`, and `__slice_1`, `__slice_2` … in the order of the block, texts in which 'null'
    stands for rows without a value.
    query: the compiled query · spec: what the monitor measures (_monitor_spec). -#}
{% macro _monitored_rows(query, spec) -%}
with monitored as (

{{ query }}

),

versions as (

    select
        version as __version,
        case when time_column is not null then training_snapshot.cutoff end as __trained_until
    from {{ spec.versions }}

)

select
    monitored.*,
    versions.__version,
    case when versions.__version = challengers.challenger then 'challenger' else 'champion' end as __role,
    {%- for column in spec.slices %}
    -- In a column with a collation, slices are told apart all the same.
    coalesce(cast(monitored.{{ warehouse_ml._quoted(column) }} as varchar) collate "C", 'null') as __slice_{{ loop.index }},
    {%- endfor %}
    cast(date_trunc('{{ spec.period }}', cast(monitored.{{ warehouse_ml._quoted(spec.time) }} as timestamp)) as timestamp) as __period_start
from monitored
-- What names no version of the model is not the model's.
inner join versions
    on monitored.{{ warehouse_ml._quoted(spec.model_version) }} = versions.__version
left join ({{ warehouse_ml._last_challenger(spec.versions) }}) as challengers
    on true
where
    monitored.{{ warehouse_ml._quoted(spec.model_version) }} is not null
    and isfinite(cast(monitored.{{ warehouse_ml._quoted(spec.time) }} as timestamp))
    and (
        versions.__trained_until is null
        or cast(monitored.{{ warehouse_ml._quoted(spec.model_time or spec.time) }} as timestamp) > versions.__trained_until
    )
{%- endmacro %}


{#- The same rows with `__cell`, one number for version, role, period and some of the slices, as grouping by it is faster than by
    texts: 64 bits, of which two cells share one less often than once in 10 to the power of 9 monitors of 100,000 cells each. Of
    columns of many slices, those without periods of their own are null and one cell, as they would make a cell of each value.
    spec: what the monitor measures (_monitor_spec) · rows: subquery of _monitored_rows, or name of the temporary table of
    _monitored_scores · periods: name of that of _monitored_periods · many: list of numbers (_columns_of_many_slices) ·
    numbers: list of the numbers of the slice columns (_slice_groups). -#}
{% macro _rows_by_cell(spec, rows, periods, many, numbers) -%}
    {%- set columns = numbers | select('in', many) | list -%}
    {%- set slices = [] -%}
    {%- for number in numbers -%}
        {%- do slices.append(('kept_' ~ number ~ '.slice_value') if number in columns else '__slice_' ~ number) -%}
    {%- endfor -%}
(
    select
        monitored_rows.*{% if columns %} replace (
            {%- for number in columns %}
            kept_{{ number }}.slice_value as __slice_{{ number }}{{ ',' if not loop.last }}
            {%- endfor %}
        ){% endif %},
        hash({{ (['__version', '__role', '__period_start'] + slices) | join(', ') }}) as __cell
    from {{ rows }} as monitored_rows
    {%- for number in columns %}
    left join (
        select distinct slice_value
        from {{ periods }}
        where slice_column = {{ warehouse_ml._text(spec.slices[number - 1]) }}
    ) as kept_{{ number }}
        on monitored_rows.__slice_{{ number }} = kept_{{ number }}.slice_value
    {%- endfor %}
)
{%- endmacro %}


{#- The slice columns whose values make cells together, as lists of numbers: all of them, as one pass counts them all, or each by
    itself where together they have more cells than that saves.
    spec: what the monitor measures (_monitor_spec) · rows: name of the temporary table of _monitored_scores · periods: name of that
    of _monitored_periods · many: list of numbers (_columns_of_many_slices). -#}
{% macro _slice_groups(spec, rows, periods, many) -%}
    {%- set numbers = range(1, spec.slices | length + 1) | list -%}
    {%- set together = warehouse_ml._rows_by_cell(spec, rows, periods, many, numbers) -%}
    {%- if numbers | length > 1 and run_query('select count(distinct __cell) > 2000 from ' ~ together).rows[0][0] -%}
        {{ return(numbers | batch(1) | list) }}
    {%- endif -%}
    {{ return([numbers]) }}
{%- endmacro %}


{#- The numbers of the slice columns with more values than always have periods of their own (_monitored_periods).
    spec: what the monitor measures (_monitor_spec) · rows: name of the temporary table of _monitored_scores. -#}
{% macro _columns_of_many_slices(spec, rows) -%}
    {%- set numbers = [] -%}
    {%- for column in spec.slices -%}
        {%- if run_query('select count(distinct __slice_' ~ loop.index ~ ') > 50 from ' ~ rows).rows[0][0] -%}
            {%- do numbers.append(loop.index) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(numbers) }}
{%- endmacro %}


{#- What is kept of the monitored rows while the monitor is built: what all measuring groups by, and what live metrics read.
    spec: what the monitor measures (_monitor_spec) · monitored: subquery of _monitored_rows. -#}
{% macro _monitored_scores(spec, monitored) -%}
select
    __version,
    __role,
    __period_start
    {%- for column in spec.slices %},
    __slice_{{ loop.index }}
    {%- endfor %}
    {%- for column in [spec.prediction, spec.label, spec.weight, spec.probabilities] | select | unique %},
    {{ warehouse_ml._quoted(column) }}
    {%- endfor %}
from {{ monitored }}
{%- endmacro %}
