{#- The node of a raw table in dbt's graph, which is there when dbt runs, not while it parses; none if there is none.
    table: name as raw_tables() gives it. -#}
{% macro raw_node(table) -%}
    {%- for node in (graph.sources.values() if execute else []) if node.source_name ~ '.' ~ node.name == table -%}
        {{ return(node) }}
    {%- endfor -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == 'seed' and node.name == table -%}
        {{ return(node) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}


{#- Whether a relation is that of a node, be it in the state that dbt defers to.
    node: node of the graph · relation: relation. -#}
{% macro _is_of(node, relation) -%}
    {%- set places = [(node.database, node.schema, node.alias or node.identifier)] -%}
    {%- if node.defer_relation -%}
        {%- do places.append((node.defer_relation.database, node.defer_relation.schema, node.defer_relation.alias)) -%}
    {%- endif -%}
    {%- for database, schema, identifier in places
        if (schema, identifier) == (relation.schema, relation.identifier) and (relation.database or database) == database -%}
        {{ return(true) }}
    {%- endfor -%}
    {{ return(false) }}
{%- endmacro %}
