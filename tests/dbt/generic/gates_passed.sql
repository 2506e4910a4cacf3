{#- The newest version of every model has passed its gates; each failure is told with what was observed and asked.
    It goes on the model gate_failures, a leaf: a refused version never stops the champion from scoring.
    A test of severity `warn` tells the failures of gates of that severity, as warnings of dbt. The other one also logs
    which slices of the newest versions are left out of a gate. -#}
{% test gates_passed(model) %}
    {%- set severity = config.get('severity', 'error') | lower -%}
    {%- set gates = ref('warehouse_ml', 'model_gates') -%}
    {%- if execute and severity == 'error' and load_relation(gates) -%}
        {%- set left_out -%}
            select distinct left_out
            from {{ gates }}
            where left_out is not null and is_declared_today
            qualify version = max(version) over (partition by model_name)
            order by left_out asc
        {%- endset -%}
        {%- for slice in run_query(left_out).rows -%}
            {%- do log(slice[0], info=true) -%}
        {%- endfor -%}
    {%- endif %}

with failures as (

    select * from {{ model }}
    where severity = '{{ severity }}'

),

told as (

    select
        count(*) as failure_count,
        string_agg(message, ' ' order by message asc) as message
    from failures

)

select message
from told
where
    failure_count > 0
    {%- if severity == 'error' %}
    and {{ warehouse_ml.raise_error('message') }}
    {%- else %}
        {%- if execute and load_relation(model) -%}
            {%- set failures = run_query("select message from " ~ model ~ " where severity = '" ~ severity ~ "' order by 1") -%}
            {%- for failure in failures.rows -%}
                {%- do exceptions.warn(failure[0]) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif %}

{% endtest %}
