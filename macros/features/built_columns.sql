{#- The columns of a node's table as a mapping of name -> type; empty where there is no table.
    node: node of the graph. -#}
{% macro built_columns(node) -%}
    {%- set columns = {} -%}
    {%- for column in adapter.get_columns_in_relation(warehouse_ml._relation_of(node)) -%}
        {#- Of a text without a length dbt makes up one. -#}
        {%- do columns.update({column.name: column.dtype if column.is_string() else column.data_type}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
