{#- Renders a model again, after the models that it reads, each once.
    node: the model's node in the graph · steps: mapping of nodes' ids to their CTEs, which it fills. -#}
{% macro _replay_steps(node, steps) -%}
    {%- if node.language != 'sql' or node.config.materialized not in ['view', 'table', 'incremental', 'ephemeral'] -%}
        {%- do warehouse_ml._refuse_replay(
            node, 'is a ' ~ (node.config.materialized if node.language == 'sql' else 'Python model')
        ) -%}
    {%- endif -%}
    {%- set reads = {} -%}
    {%- set this_one = warehouse_ml._replayed_relation(node) -%}
    {%- do context.update({'this': this_one, 'replayed_reads': reads}) -%}
    {%- set query = render(node.raw_code) | trim -%}
    {%- if this_one | string in query -%}
        {%- do warehouse_ml._refuse_replay(node, 'reads its own rows') -%}
    {%- endif -%}
    {%- for read in reads.values() if read.unique_id not in steps -%}
        {%- do warehouse_ml._replay_steps(read, steps) -%}
    {%- endfor -%}
    {%- do steps.update({node.unique_id: this_one ~ ' as (\n\n' ~ query ~ '\n\n)'}) -%}
{%- endmacro %}
