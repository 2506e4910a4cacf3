{#- A name as SQL, whatever words and signs it is made of.
    name: of a column, window or CTE. -#}
{% macro _quoted(name) -%}
    {%- set sign = adapter.quote('')[0] -%}
    {{- adapter.quote(name | string | replace(sign, sign ~ sign)) -}}
{%- endmacro %}
