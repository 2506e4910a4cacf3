{#- The node of a raw table in dbt's graph, which is there when dbt runs, not while it parses; none if there is none.
    table: name as in `raw_tables`. -#}
{% macro raw_node(table) -%}
    {%- if not execute -%}
        {{ return(none) }}
    {%- endif -%}
    {%- for node in graph.sources.values() if node.source_name ~ '.' ~ node.name == table -%}
        {{ return(node) }}
    {%- endfor -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'seed' and node.name == table -%}
        {{ return(node) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}
