{#- Elapsed minutes from one instant to another, with fractions; negative where the end comes first.
    start_at, end_at: SQL dates or timestamps. -#}
{% macro minutes_between(start_at, end_at) -%}
    (({{ warehouse_ml._microseconds(end_at) }} - {{ warehouse_ml._microseconds(start_at) }}) / 60e6)
{%- endmacro %}
