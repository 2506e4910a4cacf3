{#- Appends to `monitoring.retrain_decisions`, for each model that the run built, whether the next build trains it, and why. Runs at
    the end of every run, once monitors are built.
    results: the results of the run's nodes, as dbt gives them to on-run-end. -#}
{% macro _decide_retraining(results) -%}
    {%- set models = [] -%}
    {%- for result in results
        if execute and result.status == 'success' and result.node.config.materialized == 'ml_model'
        and not warehouse_ml._is_without_data() and flags.WHICH in ('build', 'run', 'retry') -%}
        {%- set node = result.node -%}
        {%- do models.append({'relation': [node.database, node.schema, node.alias], 'config': node.config.meta.get('ml')}) -%}
    {%- endfor -%}
    {%- set table = warehouse_ml._name_of_kept('retrain_decisions') if models else none -%}
    {%- if table is not none -%}
        {%- set request = {
            'table': table,
            'models': models,
            'monitors': warehouse_ml._names_of_all('ml_monitor'),
            'as_of': warehouse_ml.as_of(),
            'invocation': invocation_id,
        } -%}
        {%- do warehouse_ml._begin_state() -%}
        {%- do run_query(warehouse_ml._create_kept_table('retrain_decisions')) -%}
        {%- do run_query('select ml_decide_retraining(' ~ warehouse_ml._text(tojson(request)) ~ ')') -%}
        {%- do warehouse_ml._end_state() -%}
    {%- endif -%}
{%- endmacro %}
