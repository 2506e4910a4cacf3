{#- The relation that a generic test is on, as it is in the warehouse; none where it is not, or while dbt parses. -#}
{% macro _tested_relation() -%}
    {%- if execute -%}
        {%- set node = graph.nodes[model.attached_node] -%}
        {{ return(load_relation(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias))) }}
    {%- endif -%}
{%- endmacro %}
