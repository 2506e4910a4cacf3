{#- A query of one sentence per raw table and broken rule, `message`.
    quarantine: relation or CTE. -#}
{% macro _quarantine_warnings(quarantine) -%}
select
    concat(
        'The raw table ', table_name, ' has ', count(*), ' row(s) in quarantine for ', rule, ' (', min(reason),
        '): see {{ warehouse_ml._kept_name('quarantine') }}.'
    ) as message
from {{ quarantine }}
group by table_name, rule
{%- endmacro %}
