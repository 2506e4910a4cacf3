{#- Does what an operator asks about a model's champion, in one transaction, and reports it; an error where nothing was
    changed.
    action: promote, rollback or release · model: name of the model · arguments: the others, as the user gave them. -#}
{% macro _act(action, model, arguments) -%}
    {%- set models = {} -%}
    {%- for node in graph.nodes.values() if node.config.materialized == 'ml_model' -%}
        {%- do models.update({node.name: [node.database, node.schema, node.alias]}) -%}
    {%- endfor -%}
    {%- if model is not string or model not in models -%}
        {{ exceptions.raise_compiler_error(
            action ~ " changes nothing: model is " ~ ("missing" if model is none else model) ~ "; it must be one of "
            ~ (models.keys() | join(', ') or 'the models of this project, which has none') ~ "."
            ~ (warehouse_ml._nearest_name(model, models.keys() | list) if model is string)
        ) }}
    {%- endif -%}
    {%- set request = {
        'action': action,
        'arguments': arguments,
        'relation': models[model],
        'invocation': invocation_id,
        'folder': warehouse_ml._project_folder(),
    } -%}
    {%- do warehouse_ml._begin_state() -%}
    {%- set answer = fromjson(run_query('select ml_act(' ~ warehouse_ml._text(tojson(request)) ~ ')').rows[0][0]) -%}
    {%- do warehouse_ml._end_state() -%}
    {%- if answer.problem -%}
        {{ exceptions.raise_compiler_error(answer.problem) }}
    {%- endif -%}
    {{ log(answer.message, info=true) }}
{%- endmacro %}
