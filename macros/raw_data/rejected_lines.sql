{#- The table of the lines that a seed's file holds and that could not be read, or none where every line could be.
    table: name as raw_tables() gives it · relation: the loaded table. -#}
{% macro rejected_lines(table, relation) -%}
    {%- if '.' not in table -%}
        {{ return(load_relation(api.Relation.create(
            database=relation.database, schema=relation.schema, identifier=relation.identifier ~ '_rejects'
        ))) }}
    {%- endif -%}
{%- endmacro %}
