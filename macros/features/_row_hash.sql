{#- A number that depends on all columns of a row: the same for equal rows, and as good as never for others.
    row: alias of a relation. -#}
{% macro _row_hash(row) -%}
    {{ adapter.dispatch('_row_hash', 'warehouse_ml')(row) }}
{%- endmacro %}


{% macro default___row_hash(row) -%}
    hash({{ row }})
{%- endmacro %}


{% macro spark___row_hash(row) -%}
    xxhash64({{ row }}.*)
{%- endmacro %}
