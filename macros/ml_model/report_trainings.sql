{#- Ends the run non-zero with the sentences of the models that were not trained. Runs at the end of every run: a node that
    failed would take the registry, and so the predictions of every other model, with it. A sentence that a failed node has
    reported already, as predictions without a champion do, is not repeated.
    results: the results of the run's nodes, as dbt gives them to on-run-end. -#}
{% macro report_trainings(results) -%}
    {%- set mark = 'NOT TRAINED: ' -%}
    {%- set problems = [] -%}
    {%- set reported = [] -%}
    {%- for result in results if execute -%}
        {%- if (result.message or '').startswith(mark) and result.node.config.materialized == 'ml_model' -%}
            {%- do problems.append(result.message[mark | length:]) -%}
        {%- elif result.status == 'error' -%}
            {%- do reported.append(result.message | string) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set texts = (reported | join(' ')).split() | join(' ') -%}
    {%- set new = [] -%}
    {%- for problem in problems if problem.split() | join(' ') not in texts -%}
        {%- do new.append(problem) -%}
    {%- endfor -%}
    {%- if new -%}
        select error('{{ new | join("\n") | replace("'", "''") }}')
    {%- endif -%}
{%- endmacro %}
