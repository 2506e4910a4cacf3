{#- The names of the trained models, those with `meta: ml:`, that a node is upstream of, near or far.
    node: node of the graph. -#}
{% macro _models_downstream(node) -%}
    {%- set names = [] -%}
    {%- for trained in graph.nodes.values() if trained.resource_type == 'model' and trained.config.meta.get('ml') -%}
        {%- set upstream = [trained.unique_id] -%}
        {#- The list grows while it is walked. -#}
        {%- for unique_id in upstream if unique_id in graph.nodes -%}
            {%- do upstream.extend(graph.nodes[unique_id].depends_on.nodes | reject('in', upstream) | list) -%}
        {%- endfor -%}
        {%- if node.unique_id in upstream -%}
            {%- do names.append(trained.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(names | sort) }}
{%- endmacro %}
