{#- Every row of a relation with aggregates over its entity's rows of the time before: for a row at the instant t and a
    window of length s, over [t - s, t), so neither the row itself nor another at the same instant. A row without key or
    instant belongs to no entity: its aggregates are null and no window holds it. Columns are called <measure>_<window>.

    relation: relation or CTE · keys: the entity's columns · at: column with the instant · measures: mapping of name ->
    {function: SQL expression}, and `windows`, a list, where not all are wanted · windows: mapping of name -> length, such
    as {'3h': '3 hour'} · columns: the relation's columns to keep, all by default · with_itself: whether windows are
    [t - s, t] instead, for a view whose rows say what is known once they are.

    Functions: count (of '*', all rows, or of what is not null) · sum, mean, min, max · std (of a sample: null below two
    values) · rate (share for which a condition holds) · last (the value at the latest instant, of equal instants the
    greatest) · time_since (minutes since the last row, '*', or since the last one not null). Nulls are left out; of
    nothing, count is 0 and all else null. -#}
{% macro rolling_aggregate(relation, keys, at, measures, windows, columns=['*'], with_itself=false) -%}
    {%- do warehouse_ml._check_rolling_aggregate(measures, windows) -%}
    {%- set keys = [keys] if keys is string else keys -%}
    {%- set end = 'current row' if with_itself else "interval '1' microsecond preceding" -%}
select
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    {%- for name, measure in measures.items() %}
    {%- set last_measure = loop.last %}
    {%- set function = measure.keys() | reject('equalto', 'windows') | first %}
    {%- for window in measure.windows or windows.keys() %}
    case
        when {{ (keys + [at]) | join(' is not null and ') }} is not null
            then {{ warehouse_ml._rolling_function(function, measure[function], at, 'window_' ~ window) }}
    end as {{ name }}_{{ window }}{{ ',' if not (loop.last and last_measure) }}
    {%- endfor %}
    {%- endfor %}
from {{ relation }}
window
    {%- for name, length in windows.items() %}
    window_{{ name }} as (
        partition by {{ keys | join(', ') }}
        order by {{ at }} asc nulls last
        range between {{ warehouse_ml.span(length) }} preceding and {{ end }}
    ){{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#- One aggregate over a window.
    function: its name · of: SQL expression or '*' · at: column with the instant · window: name of the window. -#}
{% macro _rolling_function(function, of, at, window) -%}
    {%- set value = 'cast(1 as integer)' if of == '*' else '(' ~ of ~ ')' -%}
    {%- if function == 'count' -%}
        count({{ of }}) over {{ window }}
    {%- elif function == 'sum' -%}
        cast(sum({{ of }}) over {{ window }} as double)
    {%- elif function == 'rate' -%}
        avg(case when {{ of }} then 1e0 when not ({{ of }}) then 0e0 end) over {{ window }}
    {%- elif function == 'last' -%}
        max_by({{ of }}, case when {{ value }} is not null then ({{ at }}, {{ of }}) end) over {{ window }}
    {%- elif function == 'time_since' -%}
        {{ warehouse_ml.minutes_between('max(case when ' ~ value ~ ' is not null then ' ~ at ~ ' end) over ' ~ window, at) }}
    {%- else -%}
        {{ {'mean': 'avg', 'min': 'min', 'max': 'max', 'std': 'stddev_samp'}[function] }}({{ of }}) over {{ window }}
    {%- endif -%}
{%- endmacro %}


{#- Refuses measures that rolling_aggregate does not know, all at once.
    measures, windows: as there. -#}
{% macro _check_rolling_aggregate(measures, windows) -%}
    {%- set functions = ['count', 'sum', 'mean', 'min', 'max', 'std', 'rate', 'last', 'time_since'] -%}
    {%- set errors = [] -%}
    {%- for name, measure in measures.items() -%}
        {%- set asked = measure.keys() | reject('equalto', 'windows') | list -%}
        {%- if asked | length != 1 or asked[0] not in functions -%}
            {%- do errors.append(
                "Measure " ~ name ~ " must have one function of " ~ functions | join(', ') ~ ", but found "
                ~ (asked | join(', ') or 'none') ~ ": write such as {'mean': 'delay_minutes'}."
            ) -%}
        {%- elif measure[asked[0]] == '*' and asked[0] not in ('count', 'time_since') -%}
            {%- do errors.append(
                "Measure " ~ name ~ " must have a column or expression, for only count and time_since take all rows, but found '*': name it."
            ) -%}
        {%- endif -%}
        {%- set unknown = (measure.windows or []) | reject('in', windows.keys()) | list -%}
        {%- if unknown -%}
            {%- do errors.append(
                "Measure " ~ name ~ " must use windows of the list " ~ windows.keys() | join(', ') ~ ", but found "
                ~ unknown | join(', ') ~ ": correct or add it."
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if errors -%}
        {{ exceptions.raise_compiler_error('\n'.join(['rolling_aggregate cannot be written:'] + errors)) }}
    {%- endif -%}
{%- endmacro %}
