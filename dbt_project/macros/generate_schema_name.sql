{#- Schemas carry the configured name alone, as in warehouse-ml; dbt asks the building project only.
    custom_schema_name: the node's `schema` config, or none · node: the node's dict. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ warehouse_ml.generate_schema_name(custom_schema_name, node) }}
{%- endmacro %}
