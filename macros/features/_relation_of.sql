{#- The relation of a node, without the database where it is the target's own, so that a view of it still works when the file is
    copied or renamed.
    node: node of the graph. -#}
{% macro _relation_of(node) -%}
    {{ return(warehouse_ml._without_own_database(
        api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)
    )) }}
{%- endmacro %}
