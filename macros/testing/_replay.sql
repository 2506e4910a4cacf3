{#- The query of a model as a build at an earlier cutoff would have run it: the model and every model that it reads are
    compiled again, with `as_of` set to the cutoff. Python does it, for the rows that models are trained on too; a macro
    sees it by the name `replayed_as_of` in its context.

    node: the model's node in the graph · cutoff: ISO text in UTC · as_built: names of models that are read as they are. -#}
{% macro _replay(node, cutoff, as_built=[]) -%}
    {%- set request = {'node': node.unique_id, 'cutoff': cutoff, 'as_built': as_built} -%}
    {%- set answer = fromjson(warehouse_ml._ask('select ml_replay(' ~ warehouse_ml._text(tojson(request)) ~ ')')[0][0]) -%}
    {%- if answer.problem -%}
        {{ exceptions.raise_compiler_error(answer.problem) }}
    {%- endif -%}
    {{ return(answer.query) }}
{%- endmacro %}
