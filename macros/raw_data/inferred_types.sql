{#- The types of the columns of a CSV file that column_types leaves open, from all values of each: a mapping of column to type.
    Numbers, ISO dates and timestamps, true and false are typed; what a type would change is text: leading zeros, whole
    numbers beyond 2^53, dates in other formats. The types are logged.
    staged: table of the file's values as text, in columns c0, c1 … · header: names of its columns · declared: mapping of
    column to type. -#}
{% macro inferred_types(staged, header, declared) -%}
    {%- set types = {} -%}
    {%- set shown = [] -%}
    {%- set open = [] -%}
    {%- for name in header if name not in declared -%}{%- do open.append(loop.index0) -%}{%- endfor -%}
    {#- Wide files by parts, else the engine takes minutes to plan the query. -#}
    {%- for part in open | batch(200) -%}
        {%- set query -%}
            select
                {%- for position in header | list and range(header | length) if position in part %}
                {{ warehouse_ml._inferred_type('c' ~ position) }}{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ staged }}
        {%- endset -%}
        {%- set row = run_query(query).rows[0] -%}
        {%- for position in part -%}
            {%- do types.update({header[position]: row[loop.index0]}) -%}
            {%- do shown.append(header[position] ~ ' ' ~ row[loop.index0]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if shown -%}
        {%- do log(
            'seed ' ~ model.name ~ ': ' ~ warehouse_ml.first_of(shown, 20) ~ ' (inferred; override with column_types)', info=true
        ) -%}
    {%- endif -%}
    {{ return(types) }}
{%- endmacro %}


{#- An aggregate: the type that all values of a text column have. Every value adds the bit of its kind.
    column: SQL name. -#}
{% macro _inferred_type(column) -%}
    {%- set value = 'trim(' ~ column ~ ')' -%}
    case coalesce(bit_or(
        case
            when {{ value }} in ({{ warehouse_ml.missing_values() }}) then 0
            when regexp_full_match({{ value }}, '-?(0|[1-9][0-9]{0,15})')
                and try_cast({{ value }} as bigint) between -9007199254740992 and 9007199254740992 then 1
            when regexp_full_match({{ value }}, '-?(0|[1-9][0-9]*)?([.][0-9]*)?([eE][+-]?[0-9]+)?')
                and isfinite(try_cast({{ value }} as double))
                and (contains(lower({{ value }}), 'e') or abs(try_cast({{ value }} as double)) < 9007199254740992) then 2
            when lower({{ value }}) in ('nan', 'inf', '-inf', 'infinity', '-infinity') then 4
            when lower({{ value }}) in ('true', 'false') then 8
            when regexp_full_match({{ value }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}')
                and try_cast({{ value }} as date) is not null then 16
            when regexp_matches({{ value }}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:')
                and {{ warehouse_ml.utc(value, 'try_cast') }} is not null then 32
            when {{ value }} is not null then 64
        end
    ), 0)
        when 1 then 'bigint'
        when 2 then 'double'
        when 3 then 'double'
        when 5 then 'double'
        when 6 then 'double'
        when 7 then 'double'
        when 8 then 'boolean'
        when 16 then 'date'
        when 32 then 'timestamp'
        when 48 then 'timestamp'
        else 'varchar'
    end
{%- endmacro %}


{#- What stands for a missing value in a column of numbers, dates or booleans, as SQL literals; text keeps it. -#}
{% macro missing_values() -%}
    '', 'NA', 'N/A', 'NULL', 'null', 'None'
{%- endmacro %}
