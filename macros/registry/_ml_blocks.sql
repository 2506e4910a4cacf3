{#- The block `ml` of every model by the model's name; none while dbt parses, when the graph is empty. -#}
{% macro _ml_blocks() -%}
    {%- set blocks = {} -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.meta.get('ml') is mapping -%}
            {%- do blocks.update({node.name: node.config.meta.ml}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(blocks) }}
{%- endmacro %}
