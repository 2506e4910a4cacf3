{#- Loads a CSV file with DuckDB's own reader, types as declared in `column_types`, and takes its place in the warehouse
    only when the whole file could be read: a wrong header, a malformed line or an empty file stops the build with one
    sentence and leaves the table of the last good load. `meta: {may_be_empty: true}` allows a header without rows. Under
    a `meta: raw_contract:` a malformed line stops nothing by itself: it goes to quarantine, where thresholds decide. -#}
{% materialization seed, adapter='duckdb' %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set file = model.original_file_path -%}
    {%- set path = adapter.get_seed_file_path(model) | replace("'", "''") -%}
    {%- set delimiter = config.get('delimiter', ',') -%}
    {%- set declared = config.get('column_types', {}) -%}
    {%- set rejects = 'rejects_of_' ~ target_relation.schema ~ '_' ~ target_relation.identifier -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set header = warehouse_ml.read_csv_header(file, path, delimiter, rejects ~ '_header') -%}
    {%- do warehouse_ml.check_csv_header(file, header, declared) -%}

    {%- call statement('main') %}
        create or replace table {{ target_relation }} as
        select * from read_csv(
            '{{ path }}',
            auto_detect = false,
            header = true,
            delim = '{{ delimiter }}',
            quote = '"',
            escape = '"',
            nullstr = '',
            columns = {
                {%- for column in header %}
                '{{ column | replace("'", "''") }}': '{{ declared.get(column, 'varchar') }}'
                {{- ',' if not loop.last }}
                {%- endfor %}
            },
            store_rejects = true,
            rejects_table = '{{ rejects }}',
            rejects_scan = '{{ rejects }}_scan'
        )
    {%- endcall %}

    {%- set may_be_empty = config.meta_get('may_be_empty', false) -%}
    {%- set relations = [target_relation] -%}
    {%- if config.meta_get('raw_contract') -%}
        {%- set rejected_lines = warehouse_ml.keep_rejected_lines(target_relation, rejects) -%}
        {%- if rejected_lines -%}
            {%- do relations.append(rejected_lines) -%}
        {%- endif -%}
    {%- endif -%}
    {%- do warehouse_ml.check_csv_rows(
        file, target_relation, rejects, header | length, may_be_empty or relations | length > 1
    ) -%}

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
