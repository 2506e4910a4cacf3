{#- Every day from one date to another, both included: an expression that gives a row of the query one row for each, on its own
    in the list of columns.
    first, last: SQL dates. -#}
{% macro each_day(first, last) -%}
    {{- adapter.dispatch('each_day', 'warehouse_ml')(first, last) -}}
{%- endmacro %}


{% macro default__each_day(first, last) -%}
    cast(unnest(generate_series({{ first }}, {{ last }}, interval '1' day)) as date)
{%- endmacro %}


{% macro spark__each_day(first, last) -%}
    explode(sequence({{ first }}, {{ last }}, interval '1' day))
{%- endmacro %}
