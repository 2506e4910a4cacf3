{#- Makes `features.feature_catalog` anew at the end of a build: a view over the feature views that are in the warehouse, which counts
    when it is read. A project without feature views has none. -#}
{% macro _write_feature_catalog() -%}
    {%- set queries = [] -%}
    {%- for node in (warehouse_ml._declared_views().values() if execute and flags.WHICH in ('build', 'run') else []) -%}
        {%- set types = warehouse_ml._built_columns(node) -%}
        {%- if types and node.columns.keys() | reject('in', types) | list == [] -%}{%- do queries.append(warehouse_ml._measured_features(node, types)) -%}{%- endif -%}
    {%- endfor -%}
    {%- if queries -%}
        {%- set catalog = warehouse_ml._kept_relation('feature_catalog') -%}
        {%- do run_query('create schema if not exists ' ~ catalog.without_identifier()) -%}
        {%- do warehouse_ml._keep_query(catalog, queries | join('\nunion all\n')) -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
{%- endmacro %}


{#- Keeps a query under a name, as a view in place of what is there.
    relation: the name · query: SQL. -#}
{% macro _keep_query(relation, query) -%}
    {%- do adapter.dispatch('_keep_query', 'warehouse_ml')(relation, query) -%}
{%- endmacro %}


{% macro default___keep_query(relation, query) -%}
    {%- set old = load_relation(relation) -%}
    {%- if old and not old.is_view -%}{%- do adapter.drop_relation(old) -%}{%- endif -%}
    {%- do run_query('create or replace view ' ~ relation ~ ' as\n' ~ query) -%}
{%- endmacro %}


{#- A metastore in Derby keeps no view as long as this one, so that its rows are kept, as of the end of the build. -#}
{% macro spark___keep_query(relation, query) -%}
    {%- set existing = load_relation(relation) -%}
    {%- set aside = ml_relation_aside(relation) -%}
    {%- do run_query('create table ' ~ aside ~ ' using parquet as\n' ~ query) -%}
    {%- do ml_put_in_place(aside, existing, relation) -%}
{%- endmacro %}


{#- Ends a build non-zero where a feature view that it built has other columns than its YAML describes, or nulls that a null rule
    excludes.
    results: the results of the run's nodes, as dbt gives them to on-run-end. -#}
{% macro _report_feature_views(results) -%}
    {%- set problems = [] -%}
    {%- set names = [] -%}
    {%- for result in (results if execute and flags.WHICH in ('build', 'run') else [])
        if result.status == 'success' and 'feature_view' in result.node.config.meta -%}
        {%- do names.append(result.node.name) -%}
        {%- do problems.extend(warehouse_ml._table_problems(graph.nodes[result.node.unique_id])) -%}
    {%- endfor -%}
    {%- if problems -%}
        select {{ warehouse_ml._raise_error(warehouse_ml._literal(problems | join('\n'))) }}
    {%- elif names -%}
        select {{ warehouse_ml._raise_error('message') }}
        from ({{ warehouse_ml._null_rule_failures(warehouse_ml._kept_relation('feature_catalog'), names) }}) as failures
        where message is not null
    {%- endif -%}
{%- endmacro %}


{#- A query of one row, whose `message` says which features have nulls although their rule is never, or is null.
    catalog: relation or CTE of feature_catalog · names: list of the feature views to judge, by default all. -#}
{% macro _null_rule_failures(catalog, names=none) -%}
    select
        {{ warehouse_ml._texts_in_order(
            "concat('The feature ', feature, ' of ', view_name, ' has nulls, and its null rule is never: correct the view, or the `nulls` of "
            ~ "the feature in its YAML.')"
        ) }} as message
    from {{ catalog }}
    where
        null_rule = 'never'
        and null_rate > 0
        {%- if names %}
        and view_name in ('{{ names | join("', '") }}')
        {%- endif %}
{%- endmacro %}


{#- The nodes with a block `feature_view`, as a mapping of name -> node, in the order of their names. -#}
{% macro _declared_views() -%}
    {%- set views = {} -%}
    {%- for node in graph.nodes.values() | sort(attribute='name')
        if node.resource_type in ('model', 'seed', 'snapshot') and 'feature_view' in node.config.meta -%}
        {%- do views.update({node.name: node}) -%}
    {%- endfor -%}
    {{ return(views) }}
{%- endmacro %}


{#- Where the declared columns of a feature view are not those of its table: a list of sentences.
    node: node of the graph. -#}
{% macro _table_problems(node) -%}
    {%- set problems = [] -%}
    {%- set built = warehouse_ml._built_columns(node).keys() | list -%}
    {%- for name in node.columns if built and name not in built -%}
        {%- do problems.append(
            'column ' ~ name ~ ' of feature view ' ~ node.name ~ ' is not in its table; columns are: ' ~ built | join(', ')
            ~ '.' ~ warehouse_ml._nearest_name(name, built)
        ) -%}
    {%- endfor -%}
    {%- for name in built if name not in node.columns -%}
        {%- do problems.append(
            'column ' ~ name ~ ' of feature view ' ~ node.name ~ ' is not described: describe it and its nulls in the YAML.'
        ) -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}
