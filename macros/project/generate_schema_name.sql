{#- In this project schemas carry the configured name alone: `marts`, not `main_marts`. Installed in another, the nodes of this
    one go where that project's own macro or else dbt's puts them, so that several developers can share a file.
    custom_schema_name: the node's `schema` config, or none · node: the node's dict. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set building_project = context.get(project_name, {}) -%}
    {%- if project_name == 'warehouse_ml' -%}
        {{ (custom_schema_name or target.schema) | trim }}
    {%- elif building_project is mapping and building_project.get('generate_schema_name') -%}
        {{ building_project.generate_schema_name(custom_schema_name, node) }}
    {%- else -%}
        {{ default__generate_schema_name(custom_schema_name, node) }}
    {%- endif -%}
{%- endmacro %}
