{#- Warns of the raw tables that have rows in quarantine, and for what. It goes on the model quarantine with severity `warn`, and
    speaks in `dbt test` only: a build warns of what it puts there. -#}
{% test nothing_quarantined(model) %}
    {%- if execute and flags.WHICH == 'test' -%}
        {%- set quarantine = warehouse_ml._kept_relation('quarantine') -%}
        {%- if load_relation(quarantine) -%}
            {%- for warning in run_query(warehouse_ml._quarantine_warnings(quarantine) ~ ' order by 1').rows -%}
                {%- do exceptions.warn(warning['message']) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif %}

select
    table_name,
    row_id
from {{ model }}
where {{ flags.WHICH == 'test' }}

{% endtest %}
