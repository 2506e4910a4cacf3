{#- Whether a column of the project is marked `pii`; false while dbt parses. -#}
{% macro _has_personal_data() -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() | list + graph.sources.values() | list -%}
            {#- A mark on a whole table marks nothing, and is reported. -#}
            {%- if node.resource_type in ('model', 'seed', 'snapshot', 'source') and 'pii' in node.config.get('meta', {}) -%}
                {{ return(true) }}
            {%- endif -%}
            {#- Hardly a column has a meta; those that have are looked at more closely. -#}
            {%- for column in node.get('columns', {}).values() if column.get('meta') or (column.config or {}).get('meta') -%}
                {%- if 'pii' in [(column.config or {}).get('meta', {}), column.get('meta', {})] | map('list') | sum(start=[]) | map('lower') -%}
                    {{ return(true) }}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(false) }}
{%- endmacro %}
