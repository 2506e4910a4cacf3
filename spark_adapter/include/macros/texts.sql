{#- A quote within a text is written twice, as on DuckDB; dbt-spark writes a backslash before it. -#}
{% macro warehouse_ml_spark__escape_single_quotes(expression) -%}
{{ expression | replace("\\", "\\\\") | replace("'", "''") }}
{%- endmacro %}
