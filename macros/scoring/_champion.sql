{#- A query of the version that scores, one row: the last decision about the model, by sequence. A model without a champion
    is an error, which says why it has none; with dbt's `--empty` or `--sample`, which train nothing, its version is null.
    versions: relation of the model's versions, as ref() gives it · with_challenger: whether to give the second version of an A/B
    test and its share too; null where there is none. -#}
{% macro _champion(versions, with_challenger=false) -%}
    {%- do warehouse_ml._check_plugin() -%}
    {%- set decisions = warehouse_ml._decisions(versions) -%}
    {%- set name = warehouse_ml._text(versions.identifier) -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'retry') and not warehouse_ml._is_built(versions) -%}
        {{ exceptions.raise_compiler_error(
            "Model '" ~ versions.identifier ~ "' has no version yet: build it first, for example with dbt build --select +"
            ~ this.identifier ~ "."
        ) }}
    {%- endif -%}
    select
        {% if warehouse_ml._is_without_data() -%}
        max(version)
        {%- else -%}
        coalesce(max(version), cast({{ warehouse_ml._raise_error(
            "concat('Model ''', " ~ name ~ ", ''' has no champion. ', coalesce(max(reason), 'It has no version yet: build it first.'))"
        ) }} as integer))
        {%- endif %} as version
        {%- if with_challenger %},
        max(challenger) as challenger,
        max(challenger_share) as challenger_share
        {%- endif %}
    from (
        select
            version,
            {{ 'challenger,
            challenger_share,' if with_challenger }}
            reason
        from {{ decisions }}
        where model_name = {{ name }}
        order by sequence desc
        limit 1
    ) as last_decision
{%- endmacro %}


{#- Whether the tables of a model's versions and decisions are there; dbt's cache of relations does not know those of this run.
    versions: relation of the model's versions. -#}
{% macro _is_built(versions) -%}
    {{ return(adapter.dispatch('_is_built', 'warehouse_ml')(versions)) }}
{%- endmacro %}


{% macro spark___is_built(versions) -%}
    {{ return(
        adapter.columns_of_state(versions.schema, versions.identifier) != []
        and adapter.columns_of_state(versions.schema, 'decisions') != []
    ) }}
{%- endmacro %}


{% macro default___is_built(versions) -%}
    {%- set tables = run_query(
        "select count(*) from duckdb_tables() where lower(schema_name) = lower(" ~ warehouse_ml._text(versions.schema) ~ ") and table_name in ("
        ~ warehouse_ml._text(versions.identifier) ~ ", 'decisions')"
        ~ (" and database_name = " ~ warehouse_ml._text(versions.database) if versions.database else "")
    ) -%}
    {{ return(tables.rows[0][0] >= 2) }}
{%- endmacro %}
