{#- A type as the engine calls it.
    data_type: type as DuckDB calls it, as the YAML of models has it. -#}
{% macro _sql_type(data_type) -%}
    {{- return(adapter.dispatch('_sql_type', 'warehouse_ml')(data_type)) -}}
{%- endmacro %}


{% macro default___sql_type(data_type) -%}
    {{ return(data_type) }}
{%- endmacro %}


{% macro spark___sql_type(data_type) -%}
    {{ return(adapter.sql_type(data_type)) }}
{%- endmacro %}
