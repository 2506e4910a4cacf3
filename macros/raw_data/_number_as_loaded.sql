{#- The number of a row of a raw table, in the order in which rows were loaded.
    table: name as raw_tables() gives it. -#}
{% macro _number_as_loaded(table) -%}
    {{- adapter.dispatch('_number_as_loaded', 'warehouse_ml')(table) -}}
{%- endmacro %}


{% macro default___number_as_loaded(table) -%}
    row_number() over (order by null)
{%- endmacro %}


{#- The files of a source are read in parts, each of which has numbers of its own, with gaps between them. -#}
{% macro spark___number_as_loaded(table) -%}
    {%- if '.' in table -%}
        monotonically_increasing_id() + 1
    {%- else -%}
        row_number() over (order by monotonically_increasing_id() asc)
    {%- endif -%}
{%- endmacro %}
