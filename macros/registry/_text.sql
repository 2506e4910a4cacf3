{#- A text as SQL, whatever characters it holds; null for none.
    value: text or none. -#}
{% macro _text(value) -%}
    {{ adapter.dispatch('_text', 'warehouse_ml')(value) }}
{%- endmacro %}


{#- DuckDB reads no NUL within quotes. -#}
{% macro default___text(value) -%}
    {%- if value is none -%}
        null
    {%- else -%}
        ('{{ value | replace("'", "''") | replace("\x00", "' || chr(0) || '") }}')
    {%- endif -%}
{%- endmacro %}


{#- Spark takes a backslash for an escape and the DuckDB beside it does not, and either may run the statement: so another
    sign stands for it, which the text does not have. -#}
{% macro spark___text(value) -%}
    {%- if value is none or '\\' not in value -%}
        {{ warehouse_ml.default___text(value) }}
    {%- else -%}
        {%- set signs = [] -%}
        {%- for sign in ['\ue000', '\ue001', '\ue002'] if sign not in value -%}{%- do signs.append(sign) -%}{%- endfor -%}
        replace({{ warehouse_ml.default___text(value | replace('\\', signs[0])) }}, '{{ signs[0] }}', chr(92))
    {%- endif -%}
{%- endmacro %}
