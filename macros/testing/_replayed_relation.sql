{#- The relation that stands for a model within a replay: to macros it has the model's schema and identifier, and it is
    written as the name of the CTE, which no CTE within a model has.
    node: the model's node in the graph. -#}
{% macro _replayed_relation(node) -%}
    {{ return(
        api.Relation.create(database='replayed ' ~ node.schema ~ '.' ~ node.alias, schema=node.schema, identifier=node.alias)
            .include(schema=false, identifier=false)
    ) }}
{%- endmacro %}
