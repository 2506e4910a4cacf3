{#- A number that depends on all columns of a row: the same for equal rows, and as good as never for others.
    row: alias of a relation. -#}
{% macro row_hash(row) -%}
    {{ adapter.dispatch('row_hash', 'warehouse_ml')(row) }}
{%- endmacro %}


{% macro default__row_hash(row) -%}
    xxhash64({{ row }}.*)
{%- endmacro %}


{% macro duckdb__row_hash(row) -%}
    hash({{ row }})
{%- endmacro %}
