{#- Tells which raw tables have rows in quarantine, and for what. It goes on the model quarantine with severity `warn`:
    whether the build goes on is for the thresholds to say. -#}
{% test nothing_quarantined(model) %}
    {%- if execute and load_relation(model) -%}
        {%- set rules = run_query(
            "select table_name, rule, count(*) as bad_rows, min(reason) as reason from " ~ model
            ~ " group by all order by 1, 3 desc, 2"
        ) -%}
        {%- for rule in rules.rows -%}
            {%- do exceptions.warn(
                "The raw table " ~ rule['table_name'] ~ " has " ~ rule['bad_rows'] ~ " row(s) in quarantine for "
                ~ rule['rule'] ~ " (" ~ rule['reason'] ~ "): see staging.quarantine."
            ) -%}
        {%- endfor -%}
    {%- endif %}

select table_name, row_id
from {{ model }}

{% endtest %}
