{#- The weekday of a date, 1 = Monday to 7 = Sunday.
    day: SQL date. -#}
{% macro iso_weekday(day) -%}
    {{- adapter.dispatch('iso_weekday', 'warehouse_ml')(day) -}}
{%- endmacro %}


{% macro default__iso_weekday(day) -%}
    cast(extract(isodow from {{ day }}) as integer)
{%- endmacro %}


{% macro spark__iso_weekday(day) -%}
    (weekday({{ day }}) + 1)
{%- endmacro %}
