{#- Appends what happens to a run to the history: `monitoring.run_events`, and at the end a row per node to `monitoring.pipeline_nodes`. The
    hooks at the start and the end of a run call it. The history never fails a run: what keeps it from being written is logged.
    event: started, before the first check; checked, before the first node; ended, after the last node; reported, after the last hook
    · results: the results of the run's nodes, as dbt gives them to on-run-end. -#}
{% macro _record_run(event, results=[]) -%}
    {%- if execute and flags.WHICH in warehouse_ml._commands_with_history()
        and warehouse_ml._ask("select getvariable('dbt_invocation_id')")[0][0] is not none -%}
        {%- set tables = ['run_events', 'pipeline_nodes'] -%}
        {#- Views that are made in the same build read it. -#}
        {%- if event == 'started' and warehouse_ml._raw_tables() -%}{%- do tables.append('data_quality') -%}{%- endif -%}
        {%- set request = {
            'event': event, 'run': invocation_id, 'run_started_at': run_started_at.replace(tzinfo=none).isoformat(), 'tables': {}
        } -%}
        {%- for name in tables -%}{%- do request.tables.update({name: warehouse_ml._history_table(name)}) -%}{%- endfor -%}
        {%- if event == 'started' -%}
            {%- do request.update({'facts': warehouse_ml._run_facts(), 'folder': warehouse_ml._project_folder()}) -%}
        {%- elif event == 'ended' -%}
            {%- do request.update({
                'graph': warehouse_ml._lineage(results),
                'results': warehouse_ml._node_results(results),
            }) -%}
        {%- endif -%}
        {%- do warehouse_ml._begin_state() -%}
        {%- set problem = run_query('select ml_record_run(' ~ warehouse_ml._text(tojson(request)) ~ ')').rows[0][0] -%}
        {%- do warehouse_ml._end_state() -%}
        {%- if problem -%}{%- do log(problem, info=true) -%}{%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#- The commands that run nodes. -#}
{% macro _commands_with_history() -%}
    {{ return(['build', 'run', 'seed', 'snapshot', 'test', 'retry']) }}
{%- endmacro %}


{#- A table of the history as the function takes it: its names and the types of its columns.
    name: name of the ephemeral model. -#}
{% macro _history_table(name) -%}
    {%- set relation = warehouse_ml._kept_relation(name) -%}
    {%- set columns = {} -%}
    {%- for column in graph.nodes['model.warehouse_ml.' ~ name].columns.values() -%}
        {%- do columns.update({column.name: column.data_type}) -%}
    {%- endfor -%}
    {{ return({'relation': relation | string, 'schema': relation.without_identifier() | string, 'columns': columns}) }}
{%- endmacro %}


{#- What a run is, as known when it starts. -#}
{% macro _run_facts() -%}
    {{ return({
        'command': flags.WHICH,
        'project_name': project_name,
        'target_name': target.name,
        'threads': target.threads,
        'is_full_refresh': flags.FULL_REFRESH or false,
        'is_without_data': warehouse_ml._is_without_data(),
    }) }}
{%- endmacro %}


{#- Every node and source as a mapping of unique id to a list: resource type, materialization, unique ids of what it depends on, the
    names of its table, and its name as a raw table.
    results: as above; of tests the graph gives those among them. -#}
{% macro _lineage(results) -%}
    {%- set members = {} -%}
    {%- for key, node in graph.nodes.items() if node.resource_type in ('model', 'seed', 'snapshot') -%}
        {%- do members.update({key: [
            node.resource_type, node.config.materialized, node.depends_on.get('nodes', []), [node.database, node.schema, node.alias],
            node.name if node.resource_type == 'seed' else none,
        ]}) -%}
    {%- endfor -%}
    {%- for key, node in graph.sources.items() -%}
        {%- do members.update({key: [
            'source', none, [], [node.database, node.schema, node.identifier], node.source_name ~ '.' ~ node.name
        ]}) -%}
    {%- endfor -%}
    {%- for result in results if result.node.unique_id not in members -%}
        {%- set node = result.node -%}
        {%- do members.update({node.unique_id: [
            node.resource_type | string, none, node.depends_on.nodes | list, [node.name], none
        ]}) -%}
    {%- endfor -%}
    {{ return(members) }}
{%- endmacro %}


{#- What dbt says of each node, as values of JSON.
    results: as above. -#}
{% macro _node_results(results) -%}
    {%- set entries = [] -%}
    {%- for result in results -%}
        {%- set timing = [] -%}
        {%- for span in result.timing or [] -%}
            {%- do timing.append([
                span.name, span.started_at.isoformat() if span.started_at else none, span.completed_at.isoformat() if span.completed_at else none
            ]) -%}
        {%- endfor -%}
        {%- do entries.append({
            'unique_id': result.node.unique_id,
            'name': result.node.name,
            'kind': result.node.resource_type | string,
            'status': result.status | string,
            'seconds': result.execution_time,
            'timing': timing,
            'failures': result.failures,
            'message': result.message | string if result.message else none,
        }) -%}
    {%- endfor -%}
    {{ return(entries) }}
{%- endmacro %}
