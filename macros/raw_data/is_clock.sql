{#- Whether a clock number is a time of day: hours * 100 + minutes from 0 to 2400; null counts as one.
    clock: SQL integer. -#}
{% macro is_clock(clock) -%}
    coalesce({{ clock }} between 0 and 2400 and {{ clock }} % 100 < 60, true)
{%- endmacro %}
