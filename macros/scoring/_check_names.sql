{#- Renders nothing; an error where the rows already have a column of a name that a macro adds, or lack a column of the key.
    Names are compared without regard to case, as the engine compares them. Rows without columns yet are not checked.
    macro_name: name of the macro · scored_rows: relation with the rows · added: names of the columns · key: list of columns. -#}
{% macro _check_names(macro_name, scored_rows, added, key=[]) -%}
    {%- if execute and scored_rows is not string -%}
        {%- set names = adapter.get_columns_in_relation(scored_rows) | map(attribute='name') | list -%}
        {%- set lowered = names | map('lower') | list -%}
        {%- set added = added | map('lower') | list -%}
        {%- for name in names if name | lower in added -%}
            {{ exceptions.raise_compiler_error(
                macro_name ~ ": the input " ~ scored_rows ~ " already has a column " ~ name ~ "; rename it or pass prefix='…'"
            ) }}
        {%- endfor -%}
        {%- if 'scored_rows' in lowered -%}
            {{ exceptions.raise_compiler_error(
                macro_name ~ ": the input " ~ scored_rows ~ " has a column scored_rows, which is the name of the whole row here; "
                ~ "rename it"
            ) }}
        {%- endif -%}
        {%- for column in key if names and column | lower not in lowered -%}
            {{ exceptions.raise_compiler_error(
                macro_name ~ ": column " ~ column ~ " of the key is not in " ~ scored_rows ~ "; columns are: " ~ names | join(', ')
            ) }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
