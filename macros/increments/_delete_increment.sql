{#- Deletes the rows that the increment brings anew, in its transaction: from its start on, whether the new rows hold their
    keys or not. Nothing where there is no table yet or all of it is built again. -#}
{% macro _delete_increment() -%}
    {{- adapter.dispatch('_delete_increment', 'warehouse_ml')() -}}
{%- endmacro %}


{% macro default___delete_increment() -%}
    {%- if is_incremental() -%}
        {%- set start = warehouse_ml._increment_start() -%}
        delete from {{ this }}
        {%- if start %} where {{ warehouse_ml._utc(warehouse_ml._quoted(config.meta_get('increment').at)) }} >= timestamp '{{ start }}'{% endif %}
    {%- endif -%}
{%- endmacro %}


{#- Rows of a table of files cannot be deleted: the table is written anew from those before the increment and those it brings. -#}
{% macro spark___delete_increment() -%}
{%- endmacro %}
