{#- The columns of a node's table as a mapping of name -> type; empty where there is no table.
    node: node of the graph. -#}
{% macro built_columns(node) -%}
    {%- set columns = {} -%}
    {%- set relation = load_relation(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) -%}
    {%- for column in (adapter.get_columns_in_relation(relation) if relation else []) -%}
        {#- Of a text without a length dbt makes up one. -#}
        {%- do columns.update({column.name: column.dtype if column.is_string() else column.data_type}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
