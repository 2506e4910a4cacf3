{#- Elapsed minutes from one instant to another, with fractions; negative where the end comes first.
    start_at, end_at: SQL timestamps. -#}
{% macro minutes_between(start_at, end_at) -%}
    (epoch({{ end_at }} - {{ start_at }}) / 60)
{%- endmacro %}
