{#- Column names as the engine wants them quoted. -#}
{% macro quoted_columns(columns) -%}
    {%- set quoted = [] -%}
    {%- for column in columns -%}{%- do quoted.append(warehouse_ml.quoted(column)) -%}{%- endfor -%}
    {{ return(quoted) }}
{%- endmacro %}
