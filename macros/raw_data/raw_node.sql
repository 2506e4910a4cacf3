{#- The node of a raw table in dbt's graph, which is there when dbt runs, not while it parses; none if there is none.
    table: name as in `raw_tables`. -#}
{% macro raw_node(table) -%}
    {%- if not execute -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set nodes = graph.sources.values() if '.' in table else graph.nodes.values() | selectattr('resource_type', 'eq', 'seed') -%}
    {%- for node in nodes if (node.source_name ~ '.' ~ node.name if '.' in table else node.name) == table -%}
        {{ return(node) }}
    {%- endfor -%}
{%- endmacro %}
