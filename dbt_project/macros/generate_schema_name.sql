{#- Schemas carry the configured name alone: `marts`, not `main_marts`.
    custom_schema_name: the node's `schema` config, or none · node: the node's dict. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
