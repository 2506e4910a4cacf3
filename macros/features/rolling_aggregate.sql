{#- Every row of a relation with aggregates over its entity's rows of the time before: for a row at the instant t and a
    window of length s, over [t - s, t), so neither the row itself nor another at the same instant. One end is in and the
    other is not, so that 6 hours of hourly readings are six. A row without key or instant belongs to no entity: its
    aggregates are null and no window holds it. Columns are called <measure>_<window>; one that the relation has already
    is an error.

    relation: relation or CTE · keys: the entity's columns · at: column with the instant, a date or timestamp · measures:
    mapping of name -> {function: SQL expression}, and `windows`, a list, where not all are wanted · windows: mapping of
    name -> length, such as {'3h': '3 hour'} · columns: the relation's columns to keep, all by default · with_itself:
    whether windows are (t - s, t] instead, for a view whose rows say what is known once they are.

    Functions: count (of '*', all rows, or of what is not null) · sum, mean, min, max · std (of a sample: null below two
    values) · rate (share for which a condition holds) · last (the value at the latest instant, of equal instants the
    greatest) · time_since (minutes since the last row, '*', or since the last one not null). Nulls are left out; of
    nothing, count is 0 and all else null. Sum, mean and std also leave out NaN, infinity and what is beyond 1e140 in size,
    sentinels as a rule, so that every result is a finite number. -#}
{% macro rolling_aggregate(relation, keys, at, measures, windows, columns=['*'], with_itself=false) -%}
    {%- set keys = [keys] if keys is string else keys -%}
    {%- do warehouse_ml._check_rolling_aggregate(relation, measures, windows, columns) -%}
    {%- set quoted_keys = warehouse_ml._quoted_columns(keys) -%}
    {%- set quoted_at = warehouse_ml._quoted(at) -%}
    {%- set source = warehouse_ml._quoted_relation(relation) -%}
    {%- set names = warehouse_ml._rolling_names(measures, windows) if '*' in columns else [] -%}
select
    {%- for column in columns %}
    {{ '*' if column == '*' else warehouse_ml._quoted(column) }},
    {%- endfor %}
    {%- for name, measure in measures.items() %}
    {%- set last_measure = loop.last %}
    {%- set function = measure.keys() | reject('equalto', 'windows') | first %}
    {%- for window in measure.windows or windows.keys() %}
    case
        when {{ (quoted_keys + [quoted_at]) | join(' is not null and ') }} is not null
            then {{ warehouse_ml._rolling_function(function, measure[function], quoted_at, warehouse_ml._quoted('window_' ~ window)) }}
    end as {{ warehouse_ml._quoted(name ~ '_' ~ window) }}{{ ',' if not (loop.last and last_measure) }}
    {%- endfor %}
    {%- endfor %}
from {{ warehouse_ml._without_columns(relation, names) }}{{ ' as ' ~ source if relation is string and source != relation }}
window
    {%- for name, length in windows.items() %}
    {{ warehouse_ml._quoted('window_' ~ name) }} as (
        partition by {{ quoted_keys | join(', ') }}
        order by {{ warehouse_ml._utc(quoted_at) }} asc nulls last
        {%- if with_itself %}
        range between {{ warehouse_ml._frame_of(length, less=1) }} preceding and current row
        {%- else %}
        range between {{ warehouse_ml._frame_of(length) }} preceding and interval '1' microsecond preceding
        {%- endif %}
    ){{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#- A length of time in microseconds, the smallest step of a timestamp, for a frame of a range: it holds both of its ends, and one
    microsecond less keeps one out. A literal, as a frame takes no difference in every dialect, and of one unit, as some take no
    two.
    length: number and unit, as span takes it · less: by how many microseconds it is shortened. -#}
{% macro _frame_of(length, less=0) -%}
    {%- do warehouse_ml._span(length) -%}
    {%- set seconds = {'second': 1, 'minute': 60, 'hour': 3600, 'day': 86400, 'week': 604800} -%}
    {%- set number, unit = length.split(' ') -%}
    interval '{{ (number | int) * seconds[unit.rstrip('s')] * 1000000 - less }}' microsecond
{%- endmacro %}


{#- The names of the columns that rolling_aggregate adds.
    measures, windows: as there. -#}
{% macro _rolling_names(measures, windows) -%}
    {%- set names = [] -%}
    {%- for name, measure in measures.items() -%}
        {%- for window in measure.windows or windows.keys() -%}{%- do names.append(name ~ '_' ~ window) -%}{%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}


{#- One aggregate over a window.
    function: its name · of: SQL expression or '*' · at: column with the instant, quoted · window: name of the window, quoted. -#}
{% macro _rolling_function(function, of, at, window) -%}
    {%- set value = 'cast(1 as integer)' if of == '*' else '(' ~ of ~ ')' -%}
    {#- NaN is the greatest number. Squares of greater ones, and their sums, are beyond what a double holds. -#}
    {%- set finite = 'case when abs(cast(' ~ value ~ ' as double)) <= 1e140 then ' ~ value ~ ' end' -%}
    {%- if function == 'count' -%}
        count({{ of }}) over {{ window }}
    {%- elif function == 'sum' -%}
        cast(sum({{ finite }}) over {{ window }} as double)
    {%- elif function == 'rate' -%}
        avg(case when {{ of }} then 1e0 when not ({{ of }}) then 0e0 end) over {{ window }}
    {%- elif function == 'last' -%}
        max_by({{ of }}, case when {{ value }} is not null then ({{ at }}, {{ of }}) end) over {{ window }}
    {%- elif function == 'time_since' -%}
        {{ warehouse_ml.minutes_between('max(case when ' ~ value ~ ' is not null then ' ~ at ~ ' end) over ' ~ window, at) }}
    {%- elif function in ('min', 'max') -%}
        {{ function }}({{ of }}) over {{ window }}
    {%- else -%}
        {{ {'mean': 'avg', 'std': 'stddev_samp'}[function] }}({{ finite }}) over {{ window }}
    {%- endif -%}
{%- endmacro %}


{#- Refuses measures that rolling_aggregate does not know, and names that two columns would have, all at once.
    relation, measures, windows, columns: as there. -#}
{% macro _check_rolling_aggregate(relation, measures, windows, columns) -%}
    {%- set functions = ['count', 'sum', 'mean', 'min', 'max', 'std', 'rate', 'last', 'time_since'] -%}
    {%- set errors = [] -%}
    {%- for name, measure in measures.items() -%}
        {%- set chosen = measure.keys() | reject('equalto', 'windows') | list -%}
        {%- if chosen | length != 1 or chosen[0] not in functions -%}
            {%- do errors.append(
                "Measure " ~ name ~ " has " ~ (chosen | join(', ') or 'no function') ~ ": a measure has one function of "
                ~ functions | join(', ') ~ ", such as {'mean': 'delay_minutes'}."
            ) -%}
        {%- elif measure[chosen[0]] == '*' and chosen[0] not in ('count', 'time_since') -%}
            {%- do errors.append(
                "Measure " ~ name ~ " has '*': only count and time_since take all rows; name a column or an expression."
            ) -%}
        {%- endif -%}
        {%- set unknown = (measure.windows or []) | reject('in', windows.keys()) | list -%}
        {%- if unknown -%}
            {%- do errors.append(
                "Measure " ~ name ~ " uses unknown windows " ~ unknown | join(', ') ~ ": the windows are "
                ~ windows.keys() | join(', ') ~ "; correct or add them."
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set present = warehouse_ml._columns_of(relation) if '*' in columns else columns -%}
    {%- for name in warehouse_ml._repeated_names(present, warehouse_ml._rolling_names(measures, windows)) -%}
        {%- do errors.append(
            "The column " ~ name ~ " is there twice: columns are called <measure>_<window>, and the relation may have none of "
            ~ "that name; give the measure or the window another name."
        ) -%}
    {%- endfor -%}
    {%- if errors -%}
        {{ exceptions.raise_compiler_error('\n'.join(['rolling_aggregate cannot be written:'] + errors)) }}
    {%- endif -%}
{%- endmacro %}
