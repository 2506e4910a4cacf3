{#- The table of the lines that a seed's file holds and that could not be read, or none where every line could be.
    table: name as in `raw_tables`. -#}
{% macro rejected_lines(table) -%}
    {%- if '.' not in table -%}
        {%- set node = warehouse_ml.raw_node(table) -%}
        {{ return(load_relation(api.Relation.create(
            database=node.database, schema=node.schema, identifier=node.alias ~ '_rejects'
        ))) }}
    {%- endif -%}
{%- endmacro %}
