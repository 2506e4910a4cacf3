{#- The statement of a table: dbt-spark's for SQL; in Python the rows that the function `model` returns, as a file of parquet. -#}
{% macro warehouse_ml_spark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {%- if language == 'sql' -%}
        {{ spark__create_table_as(temporary, relation, compiled_code, language) }}
    {%- else -%}
{{ compiled_code }}

from scoring.spark.tables import frame_of

frame_of(spark, model(dbtObj(spark.table), spark)).write.mode("overwrite").format("{{ config.get('file_format', 'parquet') }}").saveAsTable({{ tojson(relation.render()) }})
    {%- endif -%}
{%- endmacro %}
