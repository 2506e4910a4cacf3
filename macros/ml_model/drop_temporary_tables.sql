{#- Drops the tables that the incremental materialization of the adapter leaves behind for models trained in Python, from
    this run or one that was killed. Runs at the end of every run. -#}
{% macro drop_temporary_tables() -%}
    {%- if execute -%}
        {%- for name in var('ml_models') -%}
            {%- set found = run_query(
                "select schema_name, table_name from duckdb_tables() where database_name = current_database() "
                ~ "and starts_with(table_name, '" ~ name ~ "__dbt_tmp')"
            ) -%}
            {%- for table in found.rows -%}
                {%- do run_query('drop table ' ~ adapter.quote(table[0]) ~ '.' ~ adapter.quote(table[1])) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
