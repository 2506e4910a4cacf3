{#- The versions of every ML model of the project as a subquery, some of their columns; the registry's views read it. The
    models are found in the graph when a view is made: while dbt parses, when it sees references, the graph is empty, so
    that a view has no edge to any model, and nothing waits for it.
    columns: list of expressions over a version row. -#}
{% macro _versions_of_all(columns) -%}
    {%- set names = ', '.join(['model_name', 'version'] + columns) -%}
(
    {%- for relation in warehouse_ml._ml_tables() %}
    select {{ names }} from {{ relation }}
    {{ 'union all by name' if not loop.last }}
    {%- else %}
    select {{ names }} from {{ warehouse_ml._empty('version') }}
    {%- endfor %}
)
{%- endmacro %}


{#- The decisions about every ML model of the project as a subquery. -#}
{% macro _decisions_of_all() -%}
    {%- set tables = [] -%}
    {%- for relation in warehouse_ml._ml_tables() -%}
        {%- do tables.append(warehouse_ml._decisions(relation)) -%}
    {%- endfor -%}
(
    {%- for table in tables | unique %}
    select * from {{ table }}
    {{ 'union all by name' if not loop.last }}
    {%- else %}
    select * from {{ warehouse_ml._empty('decision') }}
    {%- endfor %}
)
{%- endmacro %}


{#- Makes the tables of all ML models that are not there yet, so that the registry's views can be made before any model is
    trained. Runs before the first node where a view of the registry is among those to build. -#}
{% macro _prepare_registry() -%}
    {%- set is_selected = [] -%}
    {%- for node in (graph.nodes.values() if execute else [])
        if node.package_name == 'warehouse_ml' and 'registry' in node.fqn and node.unique_id in selected_resources -%}
        {%- do is_selected.append(node.unique_id) -%}
    {%- endfor -%}
    {%- if is_selected and flags.WHICH in ('build', 'run', 'retry') -%}
        {%- do warehouse_ml._begin_state() -%}
        {%- for relation in warehouse_ml._ml_relations() -%}
            {%- do adapter.create_schema(relation) -%}
            {%- for table, kind in ((relation, 'version'), (relation.incorporate(path={'identifier': 'decisions'}), 'decision')) -%}
                {%- if not warehouse_ml._column_names(table) -%}
                    {%- do run_query('create table ' ~ table ~ ' as select * from ' ~ warehouse_ml._empty(kind)) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- do warehouse_ml._end_state() -%}
    {%- endif -%}
{%- endmacro %}


{#- The relations of all ML models of the project; none while dbt parses. -#}
{% macro _ml_relations() -%}
    {%- set relations = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) | sort(attribute='unique_id')
        if node.resource_type == 'model' and node.config.materialized == 'ml_model' -%}
        {%- do relations.append(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) -%}
    {%- endfor -%}
    {{ return(relations) }}
{%- endmacro %}


{#- Those that are there as tables of versions with a table of decisions, as SQL names them. -#}
{% macro _ml_tables() -%}
    {%- set tables = [] -%}
    {%- for relation in warehouse_ml._ml_relations()
        if 'training_set' in warehouse_ml._column_names(relation)
        and 'sequence' in warehouse_ml._column_names(relation.incorporate(path={'identifier': 'decisions'})) -%}
        {%- do tables.append(warehouse_ml._without_own_database(relation)) -%}
    {%- endfor -%}
    {{ return(tables) }}
{%- endmacro %}


{#- The names of the columns of a relation, also of one that this run made; none where it is not there.
    relation: relation with its database. -#}
{% macro _column_names(relation) -%}
    {{ return(adapter.dispatch('_column_names', 'warehouse_ml')(relation)) }}
{%- endmacro %}


{% macro spark___column_names(relation) -%}
    {{ return(adapter.columns_of_state(relation.schema, relation.identifier)) }}
{%- endmacro %}


{% macro default___column_names(relation) -%}
    {{ return(run_query(
        "select column_name from duckdb_columns() where database_name = coalesce(" ~ warehouse_ml._text(relation.database)
        ~ ", current_database()) and lower(schema_name) = lower(" ~ warehouse_ml._text(relation.schema) ~ ") and lower(table_name) = lower("
        ~ warehouse_ml._text(relation.identifier) ~ ")"
    ).columns[0].values() | list) }}
{%- endmacro %}


{#- A relation without rows that has the columns of a version or of a decision, whose types the plugin leaves on every
    connection.
    kind: version or decision. -#}
{% macro _empty(kind) -%}
    {%- set type = warehouse_ml._ask("select getvariable('warehouse_ml_" ~ kind ~ "')")[0][0] if execute else 'struct(version integer)' -%}
    (select unnest(cast([] as {{ type }}[]), max_depth := 2))
{%- endmacro %}
