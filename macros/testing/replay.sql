{#- The query of a model as a build at an earlier cutoff would have run it: the model and every model that it reads are
    rendered again, each a CTE, with `as_of` set to the cutoff. Seeds, sources and snapshots are read as they are: what
    was known of them by the cutoff is for the models to say. An incremental model is rendered as in its first run.

    node: the model's node in the graph · cutoff: ISO text in UTC · as_built: names of models that are read as they are. -#}
{% macro replay(node, cutoff, as_built=[]) -%}
    {#- dbt's own `ref` knows only what a node depends on directly, and the macros that a model calls are to be rendered
        again, too: so what a call of `ref` gives is changed for as long as the models are rendered. -#}
    {%- set kept = {'ref': context['ref'], 'this': context['this']} -%}
    {%- do context.update({'ref': warehouse_ml._replayed_ref, 'replayed_as_of': cutoff, 'replayed_as_built': as_built}) -%}
    {%- set steps = {} -%}
    {%- do warehouse_ml._replay_steps(node, steps) -%}
    {%- do context.update(kept) -%}
    {%- for name in ['replayed_as_of', 'replayed_as_built', 'replayed_reads'] -%}
        {%- do context.pop(name) -%}
    {%- endfor -%}
    {%- set queries = steps.values() | join(',\n\n') -%}
    {%- if cutoff[:10] not in queries -%}
        {{ exceptions.raise_compiler_error(
            "replays_as_of must replay models that look at the cutoff, but nothing that " ~ node.name ~ " reads does, so that no "
            ~ "leak can show: let what reads raw rows keep those for which is_known() holds."
        ) }}
    {%- endif -%}
with {{ queries }}

select * from {{ warehouse_ml._replayed_relation(node) }}
{%- endmacro %}
