{#- Refuses a raw table that lacks columns of its contract; others that it has are left alone.
    table: name as raw_tables() gives it · relation: the table · declared: list of column names. -#}
{% macro check_raw_columns(table, relation, declared) -%}
    {%- if relation.external -%}
        {#- A file, which the adapter does not describe. -#}
        {%- set names = get_columns_in_query('select * from ' ~ relation) -%}
    {%- else -%}
        {%- set names = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
    {%- endif -%}
    {%- set columns = dict.fromkeys(names | map('lower')) -%}
    {%- set missing = [] -%}
    {#- Case makes no name; of a table that is not there the engine tells. -#}
    {%- for name in declared if name | lower not in columns -%}{%- do missing.append(name) -%}{%- endfor -%}
    {%- if columns and missing -%}
        {{ exceptions.raise_compiler_error(
            "The raw table " ~ table ~ " must have the columns that its YAML describes, but it misses "
            ~ warehouse_ml.first_of(missing)
            ~ ": restore them, or describe the table as it is."
        ) }}
    {%- endif -%}
{%- endmacro %}
