{#- A value of a raw table, text as a rule, as one of a declared type; null where it cannot be read as such.
    value: SQL · type: SQL type. -#}
{% macro _typed_value(value, type) -%}
    {{- adapter.dispatch('_typed_value', 'warehouse_ml')(value, type) -}}
{%- endmacro %}


{#- Files of seeds are read by DuckDB for any engine. -#}
{% macro default___typed_value(value, type) -%}
    {%- set as_instant = warehouse_ml.default___utc(value, 'try_cast') -%}
    {%- set family = warehouse_ml._type_family(type) -%}
    {%- set text = 'cast(' ~ value ~ ' as varchar)' -%}
    {#- The engine reads words, too: infinity, epoch. -#}
    {%- set is_instant = "starts_with(typeof(" ~ value ~ "), 'TIMESTAMP') or typeof(" ~ value ~ ") = 'DATE' or regexp_matches(" ~ text ~ ", '^-?[0-9]')" -%}
    {%- if family == 'zoned' -%}
        case when {{ is_instant }} then timezone('UTC', {{ as_instant }}) end
    {%- elif family in ('instant', 'date') -%}
        case when {{ is_instant }} then try_cast({{ as_instant }} as {{ type }}) end
    {%- elif family == 'nanoseconds' -%}
        case when ({{ is_instant }}) and {{ as_instant }} is not null then try_cast({{ text }} as {{ type }}) end
    {%- elif family == 'time' -%}
        {#- Of a date the engine reads midnight, and it drops an offset. -#}
        case when regexp_full_match({{ text }}, '[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?') then try_cast({{ text }} as {{ type }}) end
    {%- else -%}
        try_cast({{ value }} as {{ type }})
    {%- endif -%}
{%- endmacro %}


{#- Numbers and instants are read as DuckDB reads them: Java takes 1d for a number, and 2013 for a date. -#}
{% macro spark___typed_value(value, type) -%}
    {%- set family = warehouse_ml._type_family(type) -%}
    {%- set text = 'cast(' ~ value ~ ' as string)' -%}
    {%- set day = ' *-?[0-9]{1,6}-[0-9]{1,2}-[0-9]{1,2}' -%}
    {%- if family == 'date' -%}
        case when regexp_like({{ text }}, '^{{ day }}') then try_cast({{ warehouse_ml._utc(value, 'try_cast') }} as date) end
    {%- elif family in ('zoned', 'instant', 'nanoseconds') -%}
        case when regexp_like({{ text }}, '^{{ day }}') then {{ warehouse_ml._utc(value, 'try_cast') }} end
    {%- elif family == 'time' -%}
        case when regexp_like({{ text }}, '^[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?$') then {{ text }} end
    {%- elif family == 'integer' -%}
        try_cast(round(try_cast({{ value }} as decimal(38, 9))) as {{ warehouse_ml._sql_type(type) }})
    {%- elif family == 'float' -%}
        case when not regexp_like({{ text }}, '(?i)[0-9.] *[dfx]') then try_cast({{ value }} as {{ warehouse_ml._sql_type(type) }}) end
    {%- else -%}
        try_cast({{ value }} as {{ warehouse_ml._sql_type(type) }})
    {%- endif -%}
{%- endmacro %}


{#- The condition that a value cannot be read, or only as another one: a date that has a time, a whole number that has a fraction.
    value, type: as above · typed: SQL of the value as typed_value() reads it. -#}
{% macro _is_misread(value, type, typed) -%}
    {{- adapter.dispatch('_is_misread', 'warehouse_ml')(value, type, typed) -}}
{%- endmacro %}


{% macro default___is_misread(value, type, typed) -%}
    {%- set family = warehouse_ml._type_family(type) -%}
    {{ value }} is not null and ({{ typed }} is null
    {%- if family == 'integer' %} or try_cast({{ value }} as double) <> {{ typed }}
    {%- elif family == 'float' %} or isinf({{ typed }}) and not regexp_matches(cast({{ value }} as varchar), 'inf', 'i')
    {%- elif family in ('instant', 'date') %} or cast({{ typed }} as timestamp) <> {{ warehouse_ml.default___utc(value, 'try_cast') }}
    {%- endif -%}
    )
{%- endmacro %}


{% macro spark___is_misread(value, type, typed) -%}
    {%- set family = warehouse_ml._type_family(type) -%}
    {{ value }} is not null and ({{ typed }} is null
    {%- if family == 'integer' %} or try_cast({{ value }} as double) <> {{ typed }}
    {%- elif family == 'float' %} or abs({{ typed }}) = double('inf') and not regexp_like(cast({{ value }} as string), '(?i)inf')
    {%- elif family in ('instant', 'date') %} or cast({{ typed }} as timestamp_ntz) <> {{ warehouse_ml._utc(value, 'try_cast') }}
    {%- endif -%}
    )
{%- endmacro %}


{#- Whether a type holds any text.
    type: SQL type. -#}
{% macro _is_text(type) -%}
    {{ return(type | lower | trim in ('varchar', 'text', 'string')) }}
{%- endmacro %}


{#- How values of a type are read; `other` as the engine casts them.
    type: SQL type. -#}
{% macro _type_family(type) -%}
    {%- set families = {
        'integer': 'u?(tiny|small|big|huge)?int(eger)?|int[1248]|short|long|signed',
        'float': 'double( precision)?|float[48]?|real',
        'zoned': 'timestamptz|timestamp with time zone',
        'nanoseconds': 'timestamp_ns',
        'instant': '(timestamp|datetime)(_us|_ms|_s|[(][0-9][)]| without time zone)?',
        'date': 'date',
        'time': 'time( without time zone)?',
    } -%}
    {%- for family, pattern in families.items() if modules.re.fullmatch(pattern, type | lower | trim) -%}
        {{ return(family) }}
    {%- endfor -%}
    {{ return('other') }}
{%- endmacro %}
