{#- A source that a plugin loads is loaded once per dbt command, by whoever reads it first; dbt-duckdb loads it whenever `source` is
    rendered, also for a replay or when training compiles what it reads. Takes what dbt's own `source` takes. -#}
{% macro source() -%}
    {%- for node in (graph.sources.values() if execute else [])
        if [node.source_name, node.name] == varargs[-2:] | list and 'plugin' in node.config.meta -%}
        {%- set loaded = "select loaded.is_first from (select ml_once('" ~ invocation_id ~ " load " ~ node.unique_id ~ "', 'select 1') as loaded)" -%}
        {%- if not run_query(loaded).columns[0].values()[0] -%}
            {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.identifier)) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(builtins.source(*varargs)) }}
{%- endmacro %}
