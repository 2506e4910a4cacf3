{#- Refuses a database that is called like a schema of the project, before the first node: names without a database, as `ref`
    gives them, would be ambiguous. -#}
{% macro _check_database_name() -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() | list + graph.sources.values() | list
            if node.schema and node.database and node.schema | lower == node.database | lower and node.database == target.database -%}
            {{ exceptions.raise_compiler_error(
                "The database " ~ node.database ~ " conflicts with the schema " ~ node.schema ~ " of " ~ node.name ~ ": DuckDB calls a "
                ~ "database after its file, and " ~ node.schema ~ ".<table> is then ambiguous; give the file or the schema another name."
            ) }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
