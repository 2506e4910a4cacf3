{#- Refuses a raw table that lacks columns of its contract; others that it has are left alone.
    table: name as raw_tables() gives it · names: list of the table's columns · declared: list of column names. -#}
{% macro _check_raw_columns(table, names, declared) -%}
    {%- set columns = dict.fromkeys(names | map('lower')) -%}
    {%- set missing = [] -%}
    {#- Case makes no name; of a table that is not there the engine tells. -#}
    {%- for name in declared if name | lower not in columns -%}{%- do missing.append(name) -%}{%- endfor -%}
    {%- if columns and missing -%}
        {{ exceptions.raise_compiler_error(
            "The raw table " ~ table ~ " must have the columns that its YAML describes, but it misses "
            ~ warehouse_ml._first_of(missing)
            ~ ": restore them, or describe the table as it is."
        ) }}
    {%- endif -%}
{%- endmacro %}
