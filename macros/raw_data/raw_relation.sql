{#- The relation of a raw table. A source that a plugin loads is loaded where `load` says so, once per build; whoever
    reads it later, or reads a table only because another refers to it, finds it in place.
    table: name as in `raw_tables` · load: whether to load it. -#}
{% macro raw_relation(table, load=false) -%}
    {%- set node = warehouse_ml.raw_node(table) if execute -%}
    {%- if node and not load -%}
        {%- set is_declared = node.unique_id in model.depends_on.nodes or model.resource_type == 'unit_test' -%}
        {%- if not is_declared or 'plugin' in node.meta -%}
            {{ return(api.Relation.create(schema=node.schema, identifier=node.alias or node.identifier)) }}
        {%- endif -%}
    {%- endif -%}
    {%- set names = table.split('.') -%}
    {{ return(source(names[0], names[1]) if names[1:] else ref(project_name, table)) }}
{%- endmacro %}
