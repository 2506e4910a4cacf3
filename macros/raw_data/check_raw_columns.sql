{#- Refuses a raw table that lacks columns of its contract; others that it has are left alone.
    table: name as in `raw_tables` · relation: the table · declared: list of column names. -#}
{% macro check_raw_columns(table, relation, declared) -%}
    {%- set found = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
    {%- set missing = [] -%}
    {#- Case makes no name; of a table that is not there the engine tells. -#}
    {%- for name in declared if name | lower not in found | map('lower') -%}{%- do missing.append(name) -%}{%- endfor -%}
    {%- if found and missing -%}
        {{ exceptions.raise_compiler_error(
            "The raw table " ~ table ~ " must have the columns that its YAML describes, but it misses " ~ missing | join(', ')
            ~ ": restore them, or describe the table as it is."
        ) }}
    {%- endif -%}
{%- endmacro %}
