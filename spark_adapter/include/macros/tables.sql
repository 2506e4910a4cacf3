{#- A table of SQL or Python. It is built beside the one that is there, under a name of its own, and takes its place when it is
    whole, by one change in the metastore: a build that is killed leaves the table as it was. Tables of other formats, which can
    be replaced as they are, and those at a location of their own are built as dbt-spark does. -#}
{% materialization table, adapter='warehouse_ml_spark', supported_languages=['sql', 'python'] %}
    {%- if not ml_is_swapped() -%}
        {{ return(materialization_table_spark()) }}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {%- set target_relation = ml_built_aside(compiled_code, model.language) -%}
    {%- do apply_grants(target_relation, config.get('grants'), should_revoke=False) -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- A table whose rows are replaced in part: those before the increment, or with other keys, are kept. A table of files has no rows
    to delete, so that it is written anew from what is kept and what is new, and takes its place as any table does. -#}
{% materialization incremental, adapter='warehouse_ml_spark', supported_languages=['sql', 'python'] %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set is_new = existing is none or not existing.is_table or should_full_refresh() -%}
    {%- set kept = none if is_new else ml_kept_rows(existing) -%}
    {%- if not ml_is_swapped() or model.language == 'python' or (kept is none and not is_new) -%}
        {{ return(materialization_incremental_spark()) }}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {%- set query = compiled_code -%}
    {%- if not is_new -%}
        {%- set added = adapter.quote(ml_name_of_added()) -%}
        {%- call statement('added') -%}create or replace temporary view {{ added }} as {{ compiled_code }}{%- endcall -%}
        {%- set columns = ml_same_columns(existing, added) -%}
        {%- set query = 'select ' ~ columns ~ ' from ' ~ existing ~ ' as kept ' ~ kept ~ '\nunion all\nselect ' ~ columns ~ ' from ' ~ added -%}
    {%- endif -%}
    {%- set target_relation = ml_built_aside(query, 'sql') -%}
    {%- do apply_grants(target_relation, config.get('grants'), should_revoke=False) -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- Whether a table of the model is files of Spark's own, in a place that Spark chooses. -#}
{% macro ml_is_swapped() -%}
    {{ return(config.get('file_format', 'parquet') in ('parquet', 'orc') and config.get('location_root') is none) }}
{%- endmacro %}


{#- The condition, after `where` or a join, that leaves the rows of a table that a build by increments keeps; none where all are kept.
    existing: the table. -#}
{% macro ml_kept_rows(existing) -%}
    {%- set increment = config.get('meta', {}).get('increment') -%}
    {%- set unique_key = config.get('unique_key') -%}
    {%- if increment -%}
        {%- set start = warehouse_ml._increment_start() -%}
        {{ return('where ' ~ (warehouse_ml._utc(adapter.quote(increment.at)) ~ " < timestamp '" ~ start ~ "'" if start else 'false')) }}
    {%- elif unique_key and (config.get('incremental_strategy') or 'delete+insert') == 'delete+insert' -%}
        {%- set conditions = [] -%}
        {%- for key in ([unique_key] if unique_key is string else unique_key) -%}
            {%- do conditions.append('kept.' ~ adapter.quote(key) ~ ' = added.' ~ adapter.quote(key)) -%}
        {%- endfor -%}
        {{ return('left anti join ' ~ adapter.quote(ml_name_of_added()) ~ ' as added on ' ~ conditions | join(' and ')) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}


{#- The name of the view of the model's new rows. All threads share the session and its views, and an alias need not be unique. -#}
{% macro ml_name_of_added() -%}
    {{ return('added_' ~ local_md5(model.unique_id)) }}
{%- endmacro %}


{#- The columns of a table, quoted and joined, after a check that a query has the same, where the model asks for it.
    existing: the table · added: view of the query. -#}
{% macro ml_same_columns(existing, added) -%}
    {%- set columns = adapter.get_columns_in_relation(existing) | map(attribute='name') | list -%}
    {%- set names = get_columns_in_query('select * from ' ~ added) -%}
    {%- if config.get('on_schema_change', 'ignore') != 'ignore' and columns | sort != names | sort -%}
        {{ exceptions.raise_compiler_error(
            'The table ' ~ existing ~ ' has the columns ' ~ columns | join(', ') ~ ', and the query of its model ' ~ names | join(', ')
            ~ ': build it with --full-refresh.'
        ) }}
    {%- endif -%}
    {%- set quoted = [] -%}
    {%- for column in columns -%}{%- do quoted.append(adapter.quote(column)) -%}{%- endfor -%}
    {{ return(quoted | join(', ')) }}
{%- endmacro %}


{#- Builds the table of the model under a name of its own, puts it in place of the one that is there, and returns it.
    query: SQL, or the code of a Python model · language: sql or python. -#}
{% macro ml_built_aside(query, language) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- do ml_drop_unfinished(target_relation, existing) -%}
    {%- set aside = ml_relation_aside(target_relation) -%}
    {%- call statement('main', language=language) -%}
        {{ create_table_as(False, aside, query, language) }}
    {%- endcall -%}
    {%- do ml_put_in_place(aside, existing, target_relation) -%}
    {{ return(target_relation) }}
{%- endmacro %}


{#- Puts the rows of a query in place of those of a table, in a hook of its model.
    relation: the table · query: with the same columns. -#}
{% macro ml_replace_rows(relation, query) -%}
    {%- set table = relation.incorporate(type='table') -%}
    {%- set aside = ml_relation_aside(table, 'hook') -%}
    {%- do run_query('create table ' ~ aside ~ ' using ' ~ config.get('file_format', 'parquet') ~ ' as ' ~ query) -%}
    {%- do ml_put_in_place(aside, table, table) -%}
{%- endmacro %}


{#- The name of its own under which a table of this build is made.
    relation: the table · step: of the build, as the place of files that a table was given stays taken. -#}
{% macro ml_relation_aside(relation, step='model') -%}
    {{ return(relation.incorporate(
        path={'identifier': relation.identifier ~ '__build_' ~ local_md5(invocation_id ~ run_started_at ~ step)[:8]}, type='table'
    )) }}
{%- endmacro %}


{#- Puts a table in place of what is there, by one change in the metastore where that is a table of the same columns.
    aside: the table · existing: what is there, or none · target_relation: its name. -#}
{% macro ml_put_in_place(aside, existing, target_relation) -%}
    {%- if existing is not none and existing.is_table and ml_columns_and_types(existing) == ml_columns_and_types(aside) -%}
        {%- set old_location, new_location = ml_location(existing), ml_location(aside) -%}
        {%- do run_query('alter table ' ~ existing ~ " set location '" ~ new_location ~ "'") -%}
        {#- To drop it takes the files where it is then. -#}
        {%- do run_query('alter table ' ~ aside ~ " set location '" ~ old_location ~ "'") -%}
        {%- do run_query('drop table ' ~ aside) -%}
    {%- else -%}
        {%- if existing is not none -%}{%- do adapter.drop_relation(existing) -%}{%- endif -%}
        {%- do run_query('alter table ' ~ aside ~ ' rename to ' ~ target_relation) -%}
    {%- endif -%}
{%- endmacro %}


{#- Drops what builds of a table that were killed left. One that was killed as it took the place of the table has the table's files,
    which are not dropped with it.
    target_relation: the table · existing: the same where it is there. -#}
{% macro ml_drop_unfinished(target_relation, existing) -%}
    {%- set tables = run_query('show tables in ' ~ target_relation.without_identifier() ~ " like '" ~ target_relation.identifier ~ "__build_*'") -%}
    {%- for name in (tables.columns['tableName'].values() if tables else []) -%}
        {%- set unfinished = target_relation.incorporate(path={'identifier': name}) -%}
        {%- if existing is not none and existing.is_table and ml_location(unfinished) == ml_location(existing) -%}
            {%- do run_query('alter table ' ~ unfinished ~ " set location '" ~ ml_location(unfinished) ~ "__gone'") -%}
        {%- endif -%}
        {%- do run_query('drop table ' ~ unfinished) -%}
    {%- endfor -%}
{%- endmacro %}


{#- Where the files of a table are.
    relation: the table. -#}
{% macro ml_location(relation) -%}
    {%- for row in run_query('describe extended ' ~ relation).rows if row[0] == 'Location' -%}
        {{ return(row[1]) }}
    {%- endfor -%}
{%- endmacro %}


{#- Names and types of the columns of a table and how it is cut into parts, all of which stay when its files change.
    relation: the table. -#}
{% macro ml_columns_and_types(relation) -%}
    {%- set described = [] -%}
    {%- set has_ended = [] -%}
    {%- for row in run_query('describe extended ' ~ relation).rows -%}
        {%- if row[0] == '# Detailed Table Information' -%}{%- do has_ended.append(true) -%}{%- endif -%}
        {%- if not has_ended or row[0] == 'Provider' -%}{%- do described.append([row[0], row[1]]) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(described) }}
{%- endmacro %}


{#- YAML says types as DuckDB calls them: a cast takes them, and so do contracts and unit tests. -#}
{% macro warehouse_ml_spark__cast(expression, data_type) -%}
    cast({{ expression }} as {{ adapter.sql_type(data_type) }})
{%- endmacro %}


{% macro warehouse_ml_spark__safe_cast(field, type) -%}
    cast({{ field }} as {{ adapter.sql_type(type) }})
{%- endmacro %}
