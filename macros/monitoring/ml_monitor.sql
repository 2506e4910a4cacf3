{#- Monitors a model: the compiled query gives scored rows with their features, the version that scored each and, where it is
    known, the label. `config: meta: ml_monitor:` says what to make of them.

    The query is read more than once, each time only in the columns that are counted, so that no more than the scores of all rows
    is kept; it must give the same rows each time.

    The node's table holds one row per model, version, slice and period. A build measures the periods that the query gives and
    replaces their rows, in one transaction; all others stay, also with `--full-refresh`, as the table is the only memory of
    what older versions did. With `--empty` or `--sample` nothing is measured. -#}
{% materialization ml_monitor, adapter='duckdb', supported_languages=['sql'] %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none and existing.is_view -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- do warehouse_ml._create_monitor_table(target_relation) -%}
    {%- if warehouse_ml._is_without_data() -%}
        {%- call statement('main') -%} select 1 {%- endcall -%}
    {%- else -%}
        {%- set spec = warehouse_ml._monitor_spec(compiled_code) -%}
        {%- set published = '(' ~ warehouse_ml._monitored_rows(compiled_code, spec) ~ ')' -%}
        {%- set shadow = warehouse_ml._shadow_rows(spec, published) -%}
        {%- set monitored = '(select * from ' ~ published ~ ' union all by name ' ~ shadow ~ ')' if shadow else published -%}
        {%- set rows = warehouse_ml._step('scores') -%}
        {%- call statement('main') -%}
            create or replace temporary table {{ rows }} as
            {{ warehouse_ml._monitored_scores(spec, monitored) }}
        {%- endcall -%}
        {%- do warehouse_ml._check_labels(spec, rows) -%}
        {%- set periods = warehouse_ml._step('periods', warehouse_ml._monitored_periods(spec, rows)) -%}
        {%- set features = warehouse_ml._step('features', warehouse_ml._monitored_features(spec, rows)) -%}
        {%- do warehouse_ml._check_feature_types(spec, features) -%}
        {%- set categories = warehouse_ml._step('categories', warehouse_ml._monitored_categories(features)) -%}
        {%- set many = warehouse_ml._columns_of_many_slices(spec, rows) -%}
        {%- set groups = [] -%}
        {%- for numbers in warehouse_ml._slice_groups(spec, rows, periods, many) -%}
            {%- set monitored_by_cell = warehouse_ml._rows_by_cell(spec, monitored, periods, many, numbers) -%}
            {%- set scores_by_cell = warehouse_ml._rows_by_cell(spec, rows, periods, many, numbers) -%}
            {%- set bins = warehouse_ml._step(
                'bins ' ~ loop.index, warehouse_ml._binned_rows(spec, monitored_by_cell, scores_by_cell, features, categories)
            ) -%}
            {%- do warehouse_ml._check_counts(rows, features, bins) -%}
            {%- do groups.append({'numbers': numbers, 'rows': scores_by_cell, 'bins': bins}) -%}
        {%- endfor -%}
        {%- set profiles = warehouse_ml._step('profiles', warehouse_ml._profiles(spec, groups, periods, features)) -%}
        {%- set drift = warehouse_ml._step('drift', warehouse_ml._drift(spec, periods, features, profiles, target_relation)) -%}
        {%- set metrics = warehouse_ml._live_metrics(spec, rows, periods) -%}
        {%- set measured = warehouse_ml._step(
            'measured', warehouse_ml._measured_periods(spec, periods, profiles, drift, metrics)
        ) -%}
        {%- do run_query(
            'delete from ' ~ target_relation ~ ' as kept where exists (select 1 from ' ~ measured ~ ' as measured where '
            ~ 'kept.model_name = measured.model_name and kept.version = measured.version '
            ~ 'and kept.period = measured.period and kept.period_start = measured.period_start)'
        ) -%}
        {%- do run_query('insert into ' ~ target_relation ~ ' by name select * from ' ~ measured) -%}
        {%- for step in [rows, periods, features, categories, profiles, drift, measured] + (groups | map(attribute='bins') | list) -%}
            {%- do run_query('drop table ' ~ step) -%}
        {%- endfor -%}
    {%- endif -%}

    {%- do apply_grants(target_relation, config.get('grants'), should_revoke=False) -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}


{#- The name of a temporary table of the monitor that is built, which is made where a query is given.
    name: what the table holds · query: what it is made of. -#}
{% macro _step(name, query=none) -%}
    {%- set table = warehouse_ml._quoted(name ~ ' of ' ~ this.identifier) -%}
    {%- if query is not none -%}
        {%- do run_query('create or replace temporary table ' ~ table ~ ' as ' ~ query) -%}
    {%- endif -%}
    {{ return(table) }}
{%- endmacro %}
