{#- What builds keep beside dbt's nodes, such as versions, decisions and the history of runs, is read and written by functions and SQL of
    DuckDB. On DuckDB that is the warehouse itself, and these macros do nothing; on Spark it is a DuckDB beside it, where copies of
    these tables are, see scoring/spark/state.py. What is queried between the first macro and the second runs there. -#}
{% macro _begin_state() -%}
    {%- if execute and warehouse_ml._is_beside() -%}{%- do adapter.begin_local() -%}{%- endif -%}
{%- endmacro %}


{#- Writes what has changed since `_begin_state` to the warehouse. -#}
{% macro _end_state() -%}
    {%- if execute and warehouse_ml._is_beside() -%}{%- do adapter.end_local() -%}{%- endif -%}
{%- endmacro %}


{#- Whether the tables that builds keep are copied to a DuckDB beside the warehouse. No dispatch: macros are looked up for DuckDB while
    statements run there. -#}
{% macro _is_beside() -%}
    {{ return(target.type == 'warehouse_ml_spark') }}
{%- endmacro %}


{#- The rows of a query that reads no table: functions and variables of the plugin.
    sql: query. -#}
{% macro _ask(sql) -%}
    {{ return(adapter.dispatch('_ask', 'warehouse_ml')(sql)) }}
{%- endmacro %}


{% macro default___ask(sql) -%}
    {{ return(run_query(sql).rows) }}
{%- endmacro %}


{% macro spark___ask(sql) -%}
    {{ return(adapter.ask(sql)) }}
{%- endmacro %}
