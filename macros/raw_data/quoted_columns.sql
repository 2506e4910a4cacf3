{#- Column names as the engine wants them quoted. -#}
{% macro quoted_columns(columns) -%}
    {%- set quoted = [] -%}
    {%- for column in columns -%}{%- do quoted.append(adapter.quote(column)) -%}{%- endfor -%}
    {{ return(quoted) }}
{%- endmacro %}
