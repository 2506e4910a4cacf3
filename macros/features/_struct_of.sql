{#- A struct as SQL.
    fields: mapping of name, which needs no quotes, to SQL. -#}
{% macro _struct_of(fields) -%}
    {{- adapter.dispatch('_struct_of', 'warehouse_ml')(fields) -}}
{%- endmacro %}


{% macro default___struct_of(fields) -%}
    {
        {%- for name, value in fields.items() -%}
            '{{ name }}': {{ value }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    }
{%- endmacro %}


{% macro spark___struct_of(fields) -%}
    named_struct(
        {%- for name, value in fields.items() -%}
            '{{ name }}', {{ value }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    )
{%- endmacro %}


{#- A whole row as a struct.
    row: alias of a relation. -#}
{% macro _row_as_struct(row) -%}
    {{- adapter.dispatch('_row_as_struct', 'warehouse_ml')(row) -}}
{%- endmacro %}


{% macro default___row_as_struct(row) -%}
    {{ row }}
{%- endmacro %}


{% macro spark___row_as_struct(row) -%}
    struct({{ row }}.*)
{%- endmacro %}
