{#- Ends the run non-zero with the sentences of the models that it built and whose last decision is a refusal, and warns of
    failed gates of severity warn. Runs at the end of every run: a node that failed would take the predictions of its
    champion with it. A sentence that a failed node has reported already, as predictions without a champion do, is not
    repeated.
    results: the results of the run's nodes, as dbt gives them to on-run-end · others: further sentences that end the run. -#}
{% macro _report_decisions(results, others=[]) -%}
    {%- set reported = [] -%}
    {%- set problems = [] -%}
    {%- for result in results if execute and result.status == 'error' -%}
        {%- do reported.append(result.message | string) -%}
    {%- endfor -%}
    {%- set texts = (reported | join(' ')).split() | join(' ') -%}
    {%- for result in results
        if execute and result.status == 'success' and result.node.config.materialized == 'ml_model'
        and not warehouse_ml._is_without_data() and flags.WHICH in ('build', 'run', 'retry') -%}
        {%- set versions = api.Relation.create(
            database=result.node.database, schema=result.node.schema, identifier=result.node.alias
        ) -%}
        {%- set last -%}
            select action, reason, list_filter(gates, lambda gate:
                gate.version = newest_version and gate.severity = 'warn' and gate.is_declared_today and not gate.is_passed
                and not (gate.dataset = 'live' and gate.left_out is not null)
            ) as warnings
            from {{ warehouse_ml._decisions(versions) }}
            where model_name = {{ warehouse_ml._text(versions.identifier) }}
            order by sequence desc
            limit 1
        {%- endset -%}
        {%- do warehouse_ml._begin_state() -%}
        {%- set decisions = run_query("select action, reason from (" ~ last ~ ")").rows -%}
        {%- set warnings = run_query("select unnest(warnings).message as message from (" ~ last ~ ")").rows -%}
        {%- do warehouse_ml._end_state() -%}
        {%- for decision in decisions if decision.action.startswith('refuse') -%}
            {%- if decision.reason.split() | join(' ') not in texts -%}{%- do problems.append(decision.reason) -%}{%- endif -%}
        {%- endfor -%}
        {%- for warning in warnings -%}
            {%- do exceptions.warn(warning.message) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do problems.extend(others) -%}
    {%- if problems -%}
        select {{ warehouse_ml._raise_error(warehouse_ml._text(problems | join('\n'))) }}
    {%- endif -%}
{%- endmacro %}


{#- The table of decisions about the model whose versions a relation holds.
    versions: relation of the model's versions, as ref() gives it. -#}
{% macro _decisions(versions) -%}
    {{ return(versions.incorporate(path={'identifier': 'decisions'}, type='table').render()) }}
{%- endmacro %}
