{#- Writes `ml.personal_data` anew at the end of a run: where personal data flows, in relations that are there. A project without a mark
    has no such table. Nothing that goes wrong here fails the run: it is logged. -#}
{% macro _record_personal_data() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'retry', 'seed', 'snapshot') and warehouse_ml._name_of_kept('personal_data') is not none
        and not warehouse_ml._is_without_data() and (warehouse_ml._has_personal_data() or warehouse_ml._has_recorded_personal_data()) -%}
        {%- do warehouse_ml._begin_state() -%}
        {%- do run_query(warehouse_ml._create_kept_table('personal_data')) -%}
        {%- for problem in warehouse_ml._personal_data({
            'do': 'record', 'table': warehouse_ml._name_of_kept('personal_data'), 'invocation': invocation_id
        }) -%}
            {%- do log(problem, info=true) -%}
        {%- endfor -%}
        {%- do warehouse_ml._end_state() -%}
    {%- endif -%}
{%- endmacro %}


{#- Whether an earlier run recorded where personal data flows. -#}
{% macro _has_recorded_personal_data() -%}
    {{ return(warehouse_ml._column_names(warehouse_ml._kept_relation('personal_data')) != []) }}
{%- endmacro %}


{#- What is wrong with personal data in what a run has built: marks of columns that are not there, and feature views that could not be
    followed before. A list of sentences.
    results: the results of the run's nodes, as dbt gives them to on-run-end. -#}
{% macro _personal_problems(results) -%}
    {%- set built = [] -%}
    {%- for result in results if execute and result.status == 'success' -%}{%- do built.append(result.node.unique_id) -%}{%- endfor -%}
    {%- if execute and built and flags.WHICH in ('build', 'run', 'retry', 'seed', 'snapshot') and warehouse_ml._has_personal_data() -%}
        {{ return(warehouse_ml._personal_data({'do': 'report', 'built': built})) }}
    {%- endif -%}
    {{ return([]) }}
{%- endmacro %}


{#- Where personal data flows, as comments after the query of `personal_data`, so that dbt's docs show it beside the table. -#}
{% macro _personal_data_in_comments() -%}
    {%- if execute and warehouse_ml._has_recorded_personal_data() -%}
        {%- for row in run_query(
            "select array_to_string(path, ' → ') as way, method, permission from " ~ warehouse_ml._kept_relation('personal_data')
            ~ " order by personal_column, relation, column_name"
        ).rows %}
-- {{ row.way | replace('\n', ' ') | replace('\r', ' ') }} ({{ row.method }}{{ ', ' ~ row.permission if row.permission }})
        {%- endfor %}
    {%- endif -%}
{%- endmacro %}
