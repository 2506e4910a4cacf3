{#- Minutes since midnight of a clock number such as 1545 (15:45); 2400 is the midnight that ends the day.
    clock: SQL integer, hours * 100 + minutes. -#}
{% macro clock_minutes(clock) -%}
    ({{ clock }} - 40 * cast(floor({{ clock }} / 100) as integer))
{%- endmacro %}
