{#- What each model's gain counts in the scorecard, as a query of a row per model: `config: meta: scorecard: {weight, scalability, cost}` of the
    model, each 1 unless it is set. -#}
{% macro _scorecard_weights() -%}
    {%- set keys = ['weight', 'scalability', 'cost'] -%}
    {%- set nodes = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.config.materialized == 'ml_model' -%}{%- do nodes.append(node) -%}{%- endfor -%}
    {%- set queries = [] -%}
    {%- for node in nodes -%}
        {%- set block = node.config.meta.get('scorecard') or {} -%}
        {%- for key, value in block.items() -%}
            {%- set problem = 'is not a key; keys are: ' ~ keys | join(', ') if key not in keys
                else 'is ' ~ value ~ '; it must be a number above 0' if value is not number or value is boolean or value <= 0 -%}
            {%- if problem -%}
                {{ exceptions.raise_compiler_error(
                    (node.patch_path or node.original_file_path).split('://')[-1] ~ ': ' ~ node.name ~ ': scorecard.' ~ key ~ ' ' ~ problem ~ '.'
                ) }}
            {%- endif -%}
        {%- endfor -%}
        {%- set columns = ['cast(' ~ warehouse_ml._text(node.alias) ~ ' as varchar) as model_name'] -%}
        {%- for key in keys -%}{%- do columns.append('cast(' ~ block.get(key, 1) ~ ' as double) as ' ~ key) -%}{%- endfor -%}
        {%- do queries.append('select ' ~ columns | join(', ')) -%}
    {%- endfor -%}
    {{- queries | join('\nunion all\n') or "select cast(null as varchar) as model_name, 1e0 as weight, 1e0 as scalability, 1e0 as cost where false" -}}
{%- endmacro %}
