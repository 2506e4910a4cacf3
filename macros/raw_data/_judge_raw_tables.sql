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
        {%- set key, statements = invocation_id ~ ' ' ~ table, warehouse_ml._quality_statements(table, relations) -%}
        {#- As two texts of one query: another thread may have judged the table, and waits are for the function. -#}
        {%- set judged = run_query(
            'select judged.is_first, judged.answer from (select ml_once(' ~ dbt.string_literal(dbt.escape_single_quotes(key)) ~ ', '
            ~ dbt.string_literal(dbt.escape_single_quotes(statements)) ~ ') as judged)'
        ).rows[0] -%}
        {%- set answer = fromjson(judged['answer']) -%}
        {%- for warning in answer.warnings or [] if judged['is_first'] -%}
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


{#- The SQL that judges a raw table; its last query gives JSON of `failure`, a text or null, and `warnings`, a list of texts.
    table: name as raw_tables() gives it · relations: mapping of name to relation, of the table and all that it refers to. -#}
{% macro _quality_statements(table, relations) -%}
    {%- set quarantine = warehouse_ml._kept_relation('quarantine') -%}
    {%- set data_quality = warehouse_ml._kept_relation('data_quality') -%}
    {%- set declared = warehouse_ml._text_list(warehouse_ml._raw_tables()) -%}
{{ warehouse_ml._create_kept_table('quarantine') }};
{{ warehouse_ml._create_kept_table('data_quality') }};

delete from {{ quarantine }}
where table_name = '{{ table | replace("'", "''") }}' or not list_contains({{ declared }}, table_name);

insert into {{ quarantine }} by name
select
    *,
    '{{ invocation_id }}' as build_id,
    {{ warehouse_ml.utc_now() }} as quarantined_at
from (
    {{ warehouse_ml._quarantined_rows(table, relations) | indent(4) }}
) as broken;

insert into {{ data_quality }} by name
{{ warehouse_ml._measured_quality(table, relations) }};

with last_build as (

    select * from {{ data_quality }}
    where table_name = '{{ table | replace("'", "''") }}' and build_id = '{{ invocation_id }}'

),

quarantined as (

    select * from {{ quarantine }}
    where table_name = '{{ table | replace("'", "''") }}'

),

{{ warehouse_ml._threshold_failures('last_build', 'quarantined') }}

select to_json({
    'failure': (select message from threshold_failures),
    'warnings': (select list(message order by message asc) from ({{ warehouse_ml._quarantine_warnings('quarantined') }}) as warned)
}) as answer
{%- endmacro %}
