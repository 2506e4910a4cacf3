{#- The names of what a model reads: models, seeds and sources.
    node: node of the graph. -#}
{% macro source_models(node) -%}
    {%- set names = [] -%}
    {%- for parent in node.depends_on.nodes -%}
        {%- do names.append((graph.nodes.get(parent) or graph.sources[parent]).name) -%}
    {%- endfor -%}
    {{ return(names | sort) }}
{%- endmacro %}
