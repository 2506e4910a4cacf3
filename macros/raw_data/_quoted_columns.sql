{#- Column names as the engine wants them quoted. -#}
{% macro _quoted_columns(columns) -%}
    {%- set quoted = [] -%}
    {%- for column in columns -%}{%- do quoted.append(warehouse_ml._quoted(column)) -%}{%- endfor -%}
    {{ return(quoted) }}
{%- endmacro %}
