{#- Ends the run non-zero with the sentences of the models that could not be trained. Runs at the end of every run: a node
    that failed would take the registry, and so the predictions of every other model, with it.
    results: the results of the run's nodes, as dbt gives them to on-run-end. -#}
{% macro report_trainings(results) -%}
    {%- set mark = 'NOT TRAINED: ' -%}
    {%- set problems = [] -%}
    {%- for result in results if execute and result.node.config.materialized == 'ml_model' -%}
        {%- if (result.message or '').startswith(mark) -%}
            {%- do problems.append(result.message[mark | length:]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if problems -%}
        select error('{{ problems | join("\n") | replace("'", "''") }}')
    {%- endif -%}
{%- endmacro %}
