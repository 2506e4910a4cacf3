{#- Alerts of failed nodes, refused models and drift, and writes metrics for Prometheus. Nothing that goes wrong here fails the
    run: it is logged. Runs at the end of every run, before what makes a run with a refused model fail.
    results: the results of the run's nodes, as dbt gives them to on-run-end. -#}
{% macro _report_run(results) -%}
    {%- if execute and flags.WHICH in warehouse_ml._commands_with_history()
        and warehouse_ml._ask("select getvariable('dbt_invocation_id')")[0][0] is not none -%}
        {%- set nodes, built = [], [] -%}
        {%- for result in results -%}
            {%- set kind = result.node.resource_type | string -%}
            {%- do nodes.append({
                'name': result.node.name,
                'kind': kind,
                'status': result.status | string,
                'failures': result.failures if kind == 'test' else none,
                'message': result.message | string,
            }) -%}
            {%- if kind == 'model' and result.node.config.materialized == 'ml_model' and result.status == 'success'
                and not warehouse_ml._is_without_data() -%}
                {%- do built.append(result.node.alias) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set request = {
            'project': project_name,
            'target': target.name,
            'command': flags.WHICH,
            'invocation': invocation_id,
            'started_at': run_started_at.replace(tzinfo=none).isoformat(),
            'nodes': nodes,
            'built': built,
            'models': warehouse_ml._names_of_all('ml_model'),
            'monitors': warehouse_ml._names_of_all('ml_monitor'),
            'quality': warehouse_ml._name_of_kept('data_quality'),
            'decisions': warehouse_ml._name_of_kept('retrain_decisions'),
        } -%}
        {%- do warehouse_ml._begin_state() -%}
        {%- for problem in run_query(
            'select unnest(ml_report_run(' ~ warehouse_ml._text(tojson(request)) ~ ')) as text'
        ).rows -%}
            {%- do log(problem.text, info=true) -%}
        {%- endfor -%}
        {%- do warehouse_ml._end_state() -%}
    {%- endif -%}
{%- endmacro %}


{#- Database, schema and name of each node of a materialization.
    materialized: name of the materialization. -#}
{% macro _names_of_all(materialized) -%}
    {%- set names = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized == materialized -%}
        {%- do names.append([node.database, node.schema, node.alias]) -%}
    {%- endfor -%}
    {{ return(names | sort) }}
{%- endmacro %}


{#- Database, schema and name of a table that builds keep; none where its model is disabled.
    name: name of the ephemeral model. -#}
{% macro _name_of_kept(name) -%}
    {%- set node = graph.nodes.get('model.warehouse_ml.' ~ name) -%}
    {{ return(none if node is none else [node.database, node.schema, node.alias]) }}
{%- endmacro %}
