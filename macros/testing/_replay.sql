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
    {{ return(adapter.dispatch('_rows_of_steps', 'warehouse_ml')(answer.query, answer.steps)) }}
{%- endmacro %}


{#- The query that gives the rows of a query made of steps.
    query: the query as a whole · steps: list of mappings with `name`, `query` and `is_table`, the last one its own. -#}
{% macro default___rows_of_steps(query, steps) -%}
    {{ return(query) }}
{%- endmacro %}


{#- Spark computes no part of a query once to keep it, and has a limit to what one query may read. -#}
{% macro spark___rows_of_steps(query, steps) -%}
    {%- if flags.WHICH not in ('build', 'test', 'retry') -%}
        {{ return(query) }}
    {%- endif -%}
    {{ return('select * from ' ~ adapter.quote(adapter.view_of_steps(steps))) }}
{%- endmacro %}
