{#- Elapsed minutes from one instant to another, with fractions; negative where the end comes first.
    start_at, end_at: SQL dates or timestamps. -#}
{% macro minutes_between(start_at, end_at) -%}
    ((epoch_us({{ end_at }}) - epoch_us({{ start_at }})) / 60e6)
{%- endmacro %}
