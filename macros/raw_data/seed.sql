{#- Loads a CSV file with DuckDB's own reader, types as declared in `column_types` and inferred for the other columns, and takes
    its place in the warehouse only when the whole file could be read: a wrong header, a malformed line or an empty file stops
    the build with one sentence and leaves the table of the last good load. `meta: {may_be_empty: true}` allows a header
    without rows. Under a `meta: raw_contract:` a malformed line stops nothing by itself: it goes to quarantine, where
    thresholds decide. -#}
{% materialization seed, adapter='duckdb' %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- do warehouse_ml._check_one_name() -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set relations = warehouse_ml._load_csv(target_relation, drops_view=true) -%}

    {#- `dbt seed --show` prints these rows. -#}
    {%- do store_result(
        'agate_table', response='OK', agate_table=run_query('select * from ' ~ target_relation ~ ' limit 5')
    ) -%}
    {%- do apply_grants(target_relation, config.get('grants'), should_revoke=False) -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': relations}) }}

{% endmaterialization %}


{#- The same on Spark: DuckDB reads and checks the file beside it, and only what was read well becomes a table there. -#}
{% materialization seed, adapter='warehouse_ml_spark' %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- do warehouse_ml._check_one_name() -%}
    {{ run_hooks(pre_hooks) }}

    {%- set old_relation = load_cached_relation(this) -%}
    {%- if old_relation and not old_relation.is_table -%}
        {%- do adapter.drop_relation(old_relation) -%}
    {%- endif -%}
    {%- do adapter.begin_local() -%}
    {%- set relations = warehouse_ml._load_csv(target_relation) -%}
    {%- do adapter.publish_local([[this.schema, this.identifier], [this.schema, this.identifier ~ '_rejects']]) -%}
    {%- do adapter.end_local() -%}

    {%- do store_result(
        'agate_table', response='OK', agate_table=run_query('select * from ' ~ target_relation ~ ' limit 5')
    ) -%}
    {%- do apply_grants(target_relation, config.get('grants'), should_revoke=False) -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks) }}

    {{ return({'relations': relations}) }}

{% endmaterialization %}


{#- Loads the CSV file of a seed into its table, and returns the relations that it made: the table, and that of the lines that could
    not be read, where there are any.
    target_relation: relation of the seed · drops_view: whether a view of its name gives way, once the file is read. -#}
{% macro _load_csv(target_relation, drops_view=false) -%}
    {%- set file = model.original_file_path -%}
    {%- set path = adapter.get_seed_file_path(model) | replace("'", "''") -%}
    {%- set delimiter = config.get('delimiter', ',') -%}
    {%- set declared = config.get('column_types', {}) -%}
    {%- set contract = config.meta_get('raw_contract') -%}
    {%- set staged = 'staged_' ~ local_md5(model.unique_id) -%}
    {%- set rejects = 'rejects_of_' ~ staged -%}

    {%- set header = warehouse_ml._read_csv_header(file, path, delimiter, declared, only_declared=contract and declared) -%}

    {%- call statement('stage') %}
        create or replace temporary table {{ staged }} as
        select * from read_csv(
            '{{ path }}',
            auto_detect = false,
            header = true,
            delim = '{{ delimiter | replace("'", "''") }}',
            quote = '"',
            escape = '"',
            nullstr = '',
            allow_quoted_nulls = false,
            columns = { {%- for column in header %}'c{{ loop.index0 }}': 'varchar'{{ ', ' if not loop.last }}{% endfor -%} },
            store_rejects = true,
            rejects_table = '{{ rejects }}',
            rejects_scan = '{{ rejects }}_scan'
        )
    {%- endcall -%}
    {%- do warehouse_ml._reject_misread_rows(staged, header, declared, rejects, path, delimiter) -%}

    {%- set relations = [target_relation] -%}
    {%- if contract -%}
        {%- set rejected_lines = warehouse_ml._keep_rejected_lines(target_relation, rejects) -%}
        {%- if rejected_lines -%}
            {%- do relations.append(rejected_lines) -%}
        {%- endif -%}
    {%- endif -%}
    {%- set may_be_empty = config.meta_get('may_be_empty', false) or relations | length > 1 -%}
    {%- do warehouse_ml._check_csv_rows(file, staged, rejects, header, declared, may_be_empty) -%}
    {%- set inferred = warehouse_ml._inferred_types(staged, header, declared) -%}

    {%- set old_relation = load_cached_relation(this) if drops_view -%}
    {%- if old_relation and not old_relation.is_table -%}
        {%- do adapter.drop_relation(old_relation) -%}
    {%- endif -%}
    {%- call statement('main') %}
        create or replace table {{ target_relation }} as
        select
            {%- for column in header %}
            {%- set type = declared.get(column, inferred[column]) %}
            {%- set text = 'c' ~ loop.index0 %}
            {#- What stands for a missing value cannot be cast and becomes null. #}
            {%- set value = "nullif(" ~ text ~ ", '')" if column in declared else "trim(" ~ text ~ ")" if type == 'timestamp' else text %}
            {{ text if warehouse_ml._is_text(type) else warehouse_ml._typed_value(value, type) }} as "{{ column | replace('"', '""') }}"
            {{- ',' if not loop.last }}
            {%- endfor %}
        from {{ staged }}
    {%- endcall %}
    {%- do run_query('drop table ' ~ staged) -%}

    {{ return(relations) }}
{%- endmacro %}
