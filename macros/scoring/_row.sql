{#- A whole row as the argument of a function: a struct of its columns.
    rows: alias of a relation. -#}
{% macro _row(rows) -%}
    {{ return(adapter.dispatch('_row', 'warehouse_ml')(rows)) }}
{%- endmacro %}


{% macro default___row(rows) -%}
    {{ return(rows) }}
{%- endmacro %}


{% macro spark___row(rows) -%}
    {{ return('struct(' ~ rows ~ '.*)') }}
{%- endmacro %}


{#- What takes a column out of a star.
    name: name of the column. -#}
{% macro _except(name) -%}
    {{ return(adapter.dispatch('_except', 'warehouse_ml')(name)) }}
{%- endmacro %}


{% macro default___except(name) -%}
    {{ return(' exclude (' ~ name ~ ')') }}
{%- endmacro %}


{% macro spark___except(name) -%}
    {{ return(' except (' ~ name ~ ')') }}
{%- endmacro %}
