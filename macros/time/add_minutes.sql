{#- An instant moved by a number of minutes.
    instant: SQL timestamp · minutes: SQL number. -#}
{% macro add_minutes(instant, minutes) -%}
    ({{ instant }} + ({{ minutes }}) * interval '1' minute)
{%- endmacro %}
