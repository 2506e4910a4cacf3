{#- The newest version of every model passes its gates of severity warn; each failure is a warning of dbt. It runs with
    `dbt test`; in a build the models themselves report (report_decisions). -#}
{% test advisory_gates_passed(model) %}
    {%- set failures -%}
        select message from {{ model }}
        where severity = 'warn' and {{ flags.WHICH == 'test' }}
        order by message
    {%- endset -%}
    {%- if execute and flags.WHICH == 'test' -%}
        {%- for failure in run_query(failures).rows -%}
            {%- do exceptions.warn(failure.message) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ failures }}
{% endtest %}
