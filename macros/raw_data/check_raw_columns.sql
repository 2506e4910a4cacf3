{#- Refuses a raw table that lacks columns of its contract; others that it has are left alone.
    table: name as in `raw_tables` · relation: the table · declared: list of column names. -#}
{% macro check_raw_columns(table, relation, declared) -%}
    {#- By a query, for a source may be a file. -#}
    {%- set columns = dict.fromkeys(get_columns_in_query('select * from ' ~ relation) | map('lower')) -%}
    {%- set missing = [] -%}
    {#- Case makes no name. -#}
    {%- for name in declared if name | lower not in columns -%}{%- do missing.append(name) -%}{%- endfor -%}
    {%- if missing -%}
        {{ exceptions.raise_compiler_error(
            "The raw table " ~ table ~ " must have the columns that its YAML describes, but it misses "
            ~ warehouse_ml.first_of(missing)
            ~ ": restore them, or describe the table as it is."
        ) }}
    {%- endif -%}
{%- endmacro %}
