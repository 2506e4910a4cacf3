{#- The end of a generic test: says in one sentence what is wrong, instead of a bare number of failures.
    It reads a CTE `validation_errors`, one row per error. A test of severity `warn` returns the number of errors.

    rule: what must hold, a plain sentence without full stop · errors: what the errors are, after their number
    · remedy: what to do. -#}
{% macro _report_errors(rule, errors, remedy) -%}
    {%- set message -%}
        {{ warehouse_ml._text(rule ~ ', but there are ') }} || cast(count(*) as {{ warehouse_ml._sql_type('varchar') }})
        || {{ warehouse_ml._text(' ' ~ errors ~ ': ' ~ remedy ~ '.') }}
    {%- endset -%}
    select count(*) as error_count
    from validation_errors
    having
        {%- if config.get('severity', 'error') | lower == 'warn' %}
        count(*) > 0
        {%- else %}
        case when count(*) > 0 then {{ warehouse_ml._raise_error(message) }} else false end
        {%- endif %}
{%- endmacro %}
