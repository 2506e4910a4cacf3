{#- A row as a JSON text.
    values: mapping of column to SQL. -#}
{% macro _row_as_json(values) -%}
    {{ return(adapter.dispatch('_row_as_json', 'warehouse_ml')(values)) }}
{%- endmacro %}

{% macro default___row_as_json(values) -%}
    to_json(
        named_struct(
            {%- for column, value in values.items() -%}
                {{ warehouse_ml._text(column) }}, {{ value }}{{ ', ' if not loop.last }}
            {%- endfor -%}
        ), map('ignoreNullFields', 'false')
    )
{%- endmacro %}

{% macro duckdb___row_as_json(values) -%}
    cast(to_json({
        {%- for column, value in values.items() -%}
            '{{ column | replace("'", "''") }}': {{ value }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    }) as varchar)
{%- endmacro %}
