{#- Copies a raw table that lies in files or in a database of another engine into the warehouse, once per dbt command, and returns
    the copy; it is replaced when it is whole. Another raw table is returned as it is.
    table: name as raw_tables() gives it · relation: the table where it lies. -#}
{% macro _copied_source(table, relation) -%}
    {%- set engine = warehouse_ml._foreign_engine(relation) -%}
    {%- if not engine -%}
        {{ return(relation) }}
    {%- endif -%}
    {%- do warehouse_ml._check_plugin() -%}
    {%- set contract = warehouse_ml._raw_contract(table) -%}
    {%- set copy = warehouse_ml._copy_of(table) -%}
    {#- Of statements that make a schema, two at once would conflict. -#}
    {%- do run_query(
        "select ml_once('" ~ invocation_id ~ " schema of copies', 'create schema if not exists " ~ copy.without_identifier() ~ "; select 1')"
    ) -%}
    {%- set place = {'location': relation.external} if relation.external else {
        'database': relation.database, 'schema': relation.schema, 'identifier': relation.identifier, 'engine': engine
    } -%}
    {%- do place.update({'table': table, 'typed': contract.casts | list}) -%}
    {%- set request = tojson({
        'invocation': invocation_id, 'source': place, 'columns': contract.columns,
        'copy': [copy.database, copy.schema, copy.identifier],
    }) -%}
    {%- set answer = fromjson(
        run_query('select ml_copy_source(' ~ dbt.string_literal(dbt.escape_single_quotes(request)) ~ ')').columns[0].values()[0]
    ) -%}
    {%- if answer.problem -%}
        {{ exceptions.raise_compiler_error(answer.problem) }}
    {%- endif -%}
    {%- do warehouse_ml._check_raw_columns(table, answer.columns, contract.columns) -%}
    {{ return(copy) }}
{%- endmacro %}


{#- The relation of the copy of a raw table.
    table: name as raw_tables() gives it. -#}
{% macro _copy_of(table) -%}
    {%- set beside = warehouse_ml._kept_relation('quarantine') -%}
    {{ return(api.Relation.create(
        database=beside.database, schema=beside.schema, identifier='raw_' ~ table | replace('.', '__')
    )) }}
{%- endmacro %}


{#- What keeps a raw table that a build must copy: `files`, or the engine of an attached database, such as postgres; none for a table
    of DuckDB's own.
    relation: the table where it lies. -#}
{% macro _foreign_engine(relation) -%}
    {{ return(adapter.dispatch('_foreign_engine', 'warehouse_ml')(relation)) }}
{%- endmacro %}


{% macro default___foreign_engine(relation) -%}
    {%- if relation.external -%}
        {{ return('files') }}
    {%- endif -%}
    {%- set query = "select type from duckdb_databases() where lower(database_name) = lower('" ~ relation.database | replace("'", "''") ~ "')" -%}
    {%- for type in (run_query(query).columns[0].values() if relation.database not in (none, target.database) else [])
        if type not in ('duckdb', 'ducklake', 'motherduck') -%}
        {{ return(type) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}


{#- Whatever a catalog of Spark has is read where it lies. -#}
{% macro spark___foreign_engine(relation) -%}
    {{ return(none) }}
{%- endmacro %}
