{#- The node of the graph that a relation is of; none for a CTE. In a unit test a relation is a CTE of dbt's own, named
    after its node.
    relation: relation or name of a CTE. -#}
{% macro _node_of(relation) -%}
    {%- for node in graph.get('nodes', {}).values()
        if relation.identifier and node.resource_type in ('model', 'seed', 'snapshot')
        and (node.schema, node.alias) == (relation.schema, relation.identifier | replace('__dbt__cte__', '')) -%}
        {{ return(node) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}
