{#- A text as SQL, whatever characters it holds; null for none. DuckDB reads no NUL within quotes.
    value: text or none. -#}
{% macro _text(value) -%}
    {%- if value is none -%}
        null
    {%- else -%}
        ('{{ value | replace("'", "''") | replace("\x00", "' || chr(0) || '") }}')
    {%- endif -%}
{%- endmacro %}
