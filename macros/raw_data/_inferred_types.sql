{#- The types of the columns of a CSV file that column_types leaves open, from all values of each: a mapping of column to type.
    Numbers, ISO dates and timestamps, true and false are typed, and among them NA and the like are null; what a type would
    change is text: leading zeros, whole numbers beyond 2^53, dates in other formats. The types are logged.
    staged: table of the file's values as text, in columns c0, c1 … · header: names of its columns · declared: mapping of
    column to type. -#}
{% macro _inferred_types(staged, header, declared) -%}
    {%- set types = {} -%}
    {%- set shown = [] -%}
    {%- set names = [] -%}
    {%- set columns = [] -%}
    {%- set thousands = [] -%}
    {%- for name in header if name not in declared -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {%- for name in header -%}
        {%- if name not in declared -%}{%- do columns.append('c' ~ loop.index0) -%}{%- endif -%}
    {%- endfor -%}
    {%- if names -%}
        {#- One expression over all columns in turn: the engine takes minutes to plan one for each of some thousand. -#}
        {%- set query -%}
            with cells as (

                select
                    unnest([{{ columns | join(', ') }}]) as raw_value,
                    generate_subscripts([{{ columns | join(', ') }}], 1) as position
                from {{ staged }}

            )

            select
                {{ warehouse_ml._inferred_type('raw_value') }} as inferred_type,
                {#- 1.970 is a fraction here, and two thousand elsewhere. #}
                coalesce(
                    bool_and(
                        case
                            when contains(raw_value, '.')
                                then regexp_full_match(raw_value, ' *-?[1-9][0-9]{0,2}([.][0-9]{3})+ *')
                            else false
                        end
                    ) filter (where raw_value <> ''),
                    false
                ) as may_be_thousands
            from cells
            group by position
            order by position
        {%- endset -%}
        {%- set answer = run_query(query) -%}
        {%- set inferred = answer.columns[0].values() or ['varchar'] * names | length -%}
        {%- for may_be_thousands in answer.columns[1].values() -%}
            {%- if may_be_thousands -%}{%- do thousands.append(names[loop.index0] ~ ' ' ~ inferred[loop.index0]) -%}{%- endif -%}
        {%- endfor -%}
        {%- for name in names -%}
            {%- do types.update({name: inferred[loop.index0]}) -%}
            {%- do shown.append(name ~ ' ' ~ inferred[loop.index0]) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if shown -%}
        {%- do log(
            'seed ' ~ model.name ~ ': ' ~ warehouse_ml._first_of(shown, 20) ~ ' (inferred; override with column_types)', info=true
        ) -%}
    {%- endif -%}
    {%- if thousands -%}
        {%- do log(
            'seed ' ~ model.name ~ ': every value of ' ~ warehouse_ml._first_of(thousands, 20) ~ ' has three digits after each point; if'
            ~ ' points separate thousands, as 1.234 for 1234 in German, declare the column as varchar in column_types and remove them by'
            ~ " replace(<column>, '.', '')::bigint in a model", info=true
        ) -%}
    {%- endif -%}
    {{ return(types) }}
{%- endmacro %}


{#- An aggregate: the type that all of some texts have. Every text adds the bit of its kind.
    value: SQL. -#}
{% macro _inferred_type(value) -%}
    {#- The engine casts numbers, dates and booleans with spaces around; to cut them off takes longer than all else here. -#}
    case coalesce(bit_or(
        case
            when {{ value }} in ('', 'NA', 'N/A', 'NULL', 'null', 'None') then 0
            when regexp_full_match({{ value }}, ' *-?(0|[1-9][0-9]{0,15}) *')
                and try_cast({{ value }} as bigint) between -9007199254740992 and 9007199254740992 then 1
            when regexp_full_match({{ value }}, ' *-?(0|[1-9][0-9]*)?([.][0-9]*)?([eE][+-]?[0-9]+)? *')
                and isfinite(try_cast({{ value }} as double))
                and (abs(try_cast({{ value }} as double)) < 9007199254740992 or contains(lower({{ value }}), 'e')) then 2
            when lower({{ value }}) in ('nan', 'inf', '-inf', 'infinity', '-infinity') then 4
            when regexp_full_match({{ value }}, ' *(true|false) *', 'i') then 8
            when regexp_full_match({{ value }}, ' *[0-9]{4}-[0-9]{2}-[0-9]{2} *')
                and try_cast({{ value }} as date) is not null then 16
            when regexp_matches({{ value }}, '^ *[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:')
                and {{ warehouse_ml.default___utc('trim(' ~ value ~ ')', 'try_cast') }} is not null then 32
            when regexp_full_match({{ value }}, ' +') then 0
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
