{#- Judges the raw tables that a model reads, each once per dbt command whoever reads it: puts the rows that break a contract in
    `staging.quarantine`, appends the counts to `monitoring.data_quality`, warns of each broken rule, and fails past a
    threshold, before the model is built. With `--empty` or `--sample` nothing is judged. It is a pre-hook of the model. -#}
{% macro _judge_raw_tables() -%}
    {%- set relations = {} -%}
    {%- for table in (warehouse_ml._raw_tables() if not warehouse_ml._is_without_data() else []) -%}
        {%- set node = warehouse_ml._raw_node(table) -%}
        {%- if node.unique_id in model.depends_on.nodes -%}
            {%- do relations.update({table: warehouse_ml._loaded_relation(node)}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set failures = [] -%}
    {%- for table in relations -%}
        {%- do relations.update({table: warehouse_ml._copied_source(table, relations[table])}) -%}
        {%- set names = adapter.get_columns_in_relation(relations[table]) | map(attribute='name') | list -%}
        {%- do warehouse_ml._check_raw_columns(table, names, warehouse_ml._raw_contract(table).columns) -%}
    {%- endfor -%}
    {%- for table in relations -%}
        {#- Another thread may have judged the table. -#}
        {%- set judged = warehouse_ml._run_once(invocation_id ~ ' ' ~ table, warehouse_ml._quality_statements(table, relations)) -%}
        {%- set answer = fromjson(judged.answer) -%}
        {%- for warning in answer.warnings or [] if judged.is_first -%}
            {%- do exceptions.warn(warning) -%}
        {%- endfor -%}
        {%- if answer.failure -%}{%- do failures.append(answer.failure) -%}{%- endif -%}
    {%- endfor -%}
    {%- if failures -%}
        {{ exceptions.raise_compiler_error(failures | join(' ')) }}
    {%- endif -%}
{%- endmacro %}


{#- The relation of a raw table that a model depends on. A source that a plugin loads was loaded when the model was compiled, and
    `source` would load it again.
    node: node of the graph. -#}
{% macro _loaded_relation(node) -%}
    {%- if node.resource_type == 'seed' -%}
        {{ return(ref(node.package_name, node.name)) }}
    {%- elif 'plugin' in node.config.meta -%}
        {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.identifier)) }}
    {%- endif -%}
    {{ return(source(node.source_name, node.name)) }}
{%- endmacro %}


{#- The statements that judge a raw table, as a list; the last one is a query that gives JSON of `failure`, a text or null, and
    `warnings`, a list of texts.
    table: name as raw_tables() gives it · relations: mapping of name to relation, of the table and all that it refers to. -#}
{% macro _quality_statements(table, relations) -%}
    {%- set answer -%}
with last_build as (

    select * from {{ warehouse_ml._kept_relation('data_quality') }}
    where table_name = {{ warehouse_ml._text(table) }} and build_id = '{{ invocation_id }}'

),

quarantined as (

    select * from {{ warehouse_ml._kept_relation('quarantine') }}
    where table_name = {{ warehouse_ml._text(table) }}

),

{{ warehouse_ml._threshold_failures('last_build', 'quarantined') }}

select
    {{ warehouse_ml._answer_as_json(
        '(select message from threshold_failures)', warehouse_ml._quarantine_warnings('quarantined')
    ) }} as answer
    {%- endset -%}
    {{ return(
        warehouse_ml._quarantine_statements(table, relations)
        + ['insert into ' ~ warehouse_ml._kept_relation('data_quality') ~ ' by name\n' ~ warehouse_ml._measured_quality(table, relations), answer]
    ) }}
{%- endmacro %}


{#- The statements that put the rows of a raw table that break its contract in quarantine, in place of those that are there, and
    take out those of tables that are no longer under a contract.
    table, relations: as above. -#}
{% macro _quarantine_statements(table, relations) -%}
    {%- set broken -%}
(
    select
        *,
        '{{ invocation_id }}' as build_id,
        {{ warehouse_ml.utc_now() }} as quarantined_at
    from (
        {{ warehouse_ml._quarantined_rows(table, relations) | indent(8) }}
    ) as quarantined_rows
) as broken
    {%- endset -%}
    {{ return(adapter.dispatch('_replace_in_quarantine', 'warehouse_ml')(table, broken)) }}
{%- endmacro %}


{#- The statements that put rows in quarantine.
    table: name as raw_tables() gives it · broken: subquery of the rows. -#}
{% macro default___replace_in_quarantine(table, broken) -%}
    {%- set quarantine = warehouse_ml._kept_relation('quarantine') -%}
    {{ return([
        warehouse_ml._create_kept_table('quarantine'),
        warehouse_ml._create_kept_table('data_quality'),
        'delete from ' ~ quarantine ~ ' where table_name = ' ~ warehouse_ml._text(table)
            ~ ' or not list_contains(' ~ warehouse_ml._text_list(warehouse_ml._raw_tables()) ~ ', table_name)',
        'insert into ' ~ quarantine ~ ' by name\nselect * from ' ~ broken,
    ]) }}
{%- endmacro %}


{#- A table of files is written in parts: quarantine has one for each raw table, which is replaced as a whole. -#}
{% macro spark___replace_in_quarantine(table, broken) -%}
    {%- set quarantine = warehouse_ml._kept_relation('quarantine') -%}
    {{ return([
        'create schema if not exists ' ~ quarantine.without_identifier(),
        'create schema if not exists ' ~ warehouse_ml._kept_relation('data_quality').without_identifier(),
        warehouse_ml._create_table_of_files('quarantine', 'table_name'),
        warehouse_ml._create_table_of_files('data_quality'),
        'insert overwrite table ' ~ quarantine ~ ' partition (table_name = ' ~ warehouse_ml._text(table)[1:-1]
            ~ ') by name\nselect ' ~ warehouse_ml.all_but(['table_name']) ~ ' from ' ~ broken,
    ]) }}
{%- endmacro %}


{#- The statement that makes a table which builds keep, as files of parquet, where it is not there.
    name: name of the ephemeral model · partition: name of the column by whose values it is written in parts. -#}
{% macro _create_table_of_files(name, partition=none) -%}
create table if not exists {{ warehouse_ml._kept_relation(name) }} (
    {%- for column in graph.nodes['model.warehouse_ml.' ~ name].columns.values() %}
    {{ adapter.quote(column.name) }} {{ warehouse_ml._sql_type(column.data_type) }}{{ ',' if not loop.last }}
    {%- endfor %}
)
using parquet
{%- if partition %}
partitioned by ({{ partition }})
{%- endif %}
{%- endmacro %}


{#- What judging a raw table gives, as JSON.
    failure: SQL text or null · warnings: query of a column `message`. -#}
{% macro _answer_as_json(failure, warnings) -%}
    {{- adapter.dispatch('_answer_as_json', 'warehouse_ml')(failure, warnings) -}}
{%- endmacro %}


{% macro default___answer_as_json(failure, warnings) -%}
    to_json({
        'failure': {{ failure }},
        'warnings': (select list(message order by message asc) from ({{ warnings }}) as warned)
    })
{%- endmacro %}


{% macro spark___answer_as_json(failure, warnings) -%}
    to_json(named_struct(
        'failure', {{ failure }},
        'warnings', (select array_sort(collect_list(message)) from ({{ warnings }}) as warned)
    ))
{%- endmacro %}
