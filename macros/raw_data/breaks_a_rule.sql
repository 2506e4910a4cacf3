{#- The condition that a row of checked_rows() keeps every rule, or breaks some.
    table: name as raw_tables() gives it. -#}
{% macro breaks_a_rule(table) -%}
    {%- set conditions = ['repeats_row', 'conflicts_key'] -%}
    {%- for rule in warehouse_ml.raw_rules(warehouse_ml.raw_contract(table)) | selectattr('breaks', 'defined') -%}
        {%- do conditions.append('breaks_' ~ loop.index) -%}
    {%- endfor -%}
    ({{ conditions | join(' or ') }})
{%- endmacro %}
