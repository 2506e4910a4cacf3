{#- The names of what a model reads: models, seeds and sources. What it only waits for, as `accepted_rows` waits for the
    thresholds of its raw table, is none of it.
    node: node of the graph. -#}
{% macro source_models(node) -%}
    {%- set names = [] -%}
    {%- for parent in node.depends_on.nodes if parent != 'model.warehouse_ml.data_quality' -%}
        {%- do names.append((graph.nodes.get(parent) or graph.sources[parent]).name) -%}
    {%- endfor -%}
    {{ return(names | sort) }}
{%- endmacro %}
