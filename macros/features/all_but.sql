{#- All columns but some, for the list of columns of a query.
    columns: list of names · relation: alias of the relation whose columns they are, where the query has several. -#}
{% macro all_but(columns, relation=none) -%}
    {{- adapter.dispatch('all_but', 'warehouse_ml')(columns, relation) -}}
{%- endmacro %}


{% macro default__all_but(columns, relation=none) -%}
    {{ relation ~ '.' if relation }}* exclude ({{ warehouse_ml._quoted_columns(columns) | join(', ') }})
{%- endmacro %}


{% macro spark__all_but(columns, relation=none) -%}
    {{ relation ~ '.' if relation }}* except ({{ warehouse_ml._quoted_columns(columns) | join(', ') }})
{%- endmacro %}
