{#- The query of an ephemeral model that stands for a table which builds keep beside dbt's nodes, so that it has a place in dbt's
    schemas, a page in the docs, and tests: the table's rows, and none before it is there. -#}
{% macro _kept_table() -%}
    {%- if execute and adapter.get_columns_in_relation(this) -%}
select * from {{ warehouse_ml._without_own_database(this) }}
    {%- else -%}
select
    {%- for column in model.columns.values() %}
    cast(null as {{ warehouse_ml._sql_type(column.data_type) }}) as {{ column.name }}{{ ',' if not loop.last }}
    {%- endfor %}
where false
    {%- endif -%}
{%- endmacro %}


{#- The relation of such a table.
    name: name of the ephemeral model. -#}
{% macro _kept_relation(name) -%}
    {%- set node = graph.nodes['model.warehouse_ml.' ~ name] -%}
    {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) }}
{%- endmacro %}


{#- The name of such a table, as a message says it: schema and table.
    name: name of the ephemeral model. -#}
{% macro _kept_name(name) -%}
    {%- set relation = warehouse_ml._kept_relation(name) -%}
    {{ relation.schema ~ '.' ~ relation.identifier }}
{%- endmacro %}


{#- The SQL that makes such a table, with the columns of its model's YAML, where it is not there.
    name: name of the ephemeral model. -#}
{% macro _create_kept_table(name) -%}
    {%- set relation = warehouse_ml._kept_relation(name) -%}
create schema if not exists {{ relation.without_identifier() }};
create table if not exists {{ relation }} (
    {%- for column in graph.nodes['model.warehouse_ml.' ~ name].columns.values() %}
    {{ adapter.quote(column.name) }} {{ column.data_type }}{{ ',' if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}
