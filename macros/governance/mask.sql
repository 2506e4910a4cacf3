{#- A personal value that is hidden. Null stays null, and equal values stay equal. Columns that it makes are not personal.

    hash: a keyed hash (HMAC of SHA-256, 64 hexadecimal digits) of the value as text, by which tables can still be joined; the key
    is the environment variable WAREHOUSE_ML_MASK_KEY, which no SQL, log or file holds, so that the function is there in processes with
    the plugin only, and a view cannot call it. truncate: the first characters of a text, or the beginning of the year, quarter
    or month of an instant. null: nothing.

    column: SQL expression · method: hash, truncate or null · to: for truncate, how many characters to keep, or year, quarter or month. -#}
{% macro mask(column, method='hash', to=none) -%}
    {%- set problem = warehouse_ml._mask_problem(method, to) -%}
    {%- if problem -%}
        {{ exceptions.raise_compiler_error('mask of ' ~ column ~ ': ' ~ problem) }}
    {%- endif -%}
    {%- if method == 'hash' -%}
        {{ adapter.dispatch('_masked', 'warehouse_ml')(column) }}
    {%- else -%}
        {%- set mark = "'masked by " ~ method ~ "'" -%}
        case {{ mark }} when {{ mark }} then
            {%- if method == 'null' %} nullif({{ column }}, {{ column }})
            {%- elif to is integer %} left(cast({{ column }} as {{ dbt.type_string() }}), {{ to }})
            {%- else %} {{ adapter.dispatch('_beginning', 'warehouse_ml')(to, column) }}
            {%- endif %} end
    {%- endif -%}
{%- endmacro %}


{#- The keyed hash of a value as text.
    column: SQL expression. -#}
{% macro default___masked(column) -%}
    ml_mask(cast({{ column }} as {{ dbt.type_string() }}))
{%- endmacro %}


{#- Spark writes some numbers as other texts; the function takes any value and writes it as DuckDB does. -#}
{% macro spark___masked(column) -%}
    ml_mask({{ column }})
{%- endmacro %}


{#- The beginning of the year, quarter or month of an instant.
    part: year, quarter or month · column: SQL expression. -#}
{% macro default___beginning(part, column) -%}
    {{ dbt.date_trunc(part, column) }}
{%- endmacro %}


{% macro spark___beginning(part, column) -%}
    cast({{ dbt.date_trunc(part, column) }} as timestamp)
{%- endmacro %}


{#- What is wrong with the arguments of a mask; none if nothing is.
    method, to: as there. -#}
{% macro _mask_problem(method, to) -%}
    {%- set methods, parts = ['hash', 'truncate', 'null'], ['year', 'quarter', 'month'] -%}
    {%- if method not in methods -%}
        {{ return(
            "method is " ~ method ~ "; it must be one of " ~ methods | join(', ') ~ "."
            ~ (warehouse_ml._nearest_name(method, methods) if method is string)
        ) }}
    {%- elif method != 'truncate' and to is not none -%}
        {{ return("to is " ~ to ~ ", which has no effect with method " ~ method ~ ": remove it, or write method='truncate'.") }}
    {%- elif method == 'truncate' and not (to is integer and to is not boolean and 1 <= to <= 20) and to not in parts -%}
        {{ return(
            "to is " ~ ('missing' if to is none else to) ~ "; it must be a number of characters from 1 to 20, or " ~ parts | join(', ') ~ "."
        ) }}
    {%- elif method == 'hash' and execute and model is defined and model.config is defined and model.config.materialized == 'view' -%}
        {{ return(
            "method hash needs a table, and " ~ model.name ~ " is a view: the key is not in the file, so that nobody could read the view; "
            ~ "write materialized='table'."
        ) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
