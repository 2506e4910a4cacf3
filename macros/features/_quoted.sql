{#- A name as SQL, whatever words and signs it is made of. The sign is doubled here, as only some adapters do so when they quote.
    name: of a column, window or CTE. -#}
{% macro _quoted(name) -%}
    {%- set sign = adapter.quote('')[0] -%}
    {{- sign ~ (name | string | replace(sign, sign ~ sign)) ~ sign -}}
{%- endmacro %}
