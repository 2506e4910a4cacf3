{#- The weekday of a date, 1 = Monday to 7 = Sunday.
    day: SQL date. -#}
{% macro iso_weekday(day) -%}
    cast(extract(isodow from {{ day }}) as integer)
{%- endmacro %}
