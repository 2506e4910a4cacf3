{#- Makes the table of a monitor where it is not there.
    relation: relation of the monitor. -#}
{% macro _create_monitor_table(relation) -%}
    {%- set columns = warehouse_ml._column_names(relation) -%}
    {%- if columns and 'period_start' not in columns -%}
        {{ exceptions.raise_compiler_error(
            'The table ' ~ relation ~ ' must be that of a monitor, but has no column period_start: it may be of a model that was no monitor. '
            ~ 'Drop it, or give the monitor another name.'
        ) }}
    {%- elif not columns -%}
        {%- do adapter.create_schema(relation) -%}
        {%- do run_query('create table ' ~ relation ~ ' as select * from ' ~ warehouse_ml._empty('monitor')) -%}
    {%- else -%}
        {#- Tables of the first release with monitors lack it. -#}
        {%- do run_query('alter table ' ~ relation ~ ' add column if not exists model_schema varchar') -%}
    {%- endif -%}
{%- endmacro %}


{#- Makes the tables of all monitors that are not there yet, so that the views over them can be made before any has run. Runs
    before the first node where such a view is among those to build. -#}
{% macro _prepare_monitors() -%}
    {%- set is_selected = [] -%}
    {%- for node in (graph.nodes.values() if execute else [])
        if node.package_name == 'warehouse_ml' and 'monitoring' in node.fqn and node.unique_id in selected_resources -%}
        {%- do is_selected.append(node.unique_id) -%}
    {%- endfor -%}
    {%- if is_selected and flags.WHICH in ('build', 'run', 'retry') -%}
        {%- do warehouse_ml._begin_state() -%}
        {%- for relation in warehouse_ml._monitor_relations() -%}
            {%- do warehouse_ml._create_monitor_table(relation) -%}
        {%- endfor -%}
        {%- do warehouse_ml._end_state() -%}
    {%- endif -%}
{%- endmacro %}


{#- The relations of all monitors of the project; none while dbt parses. -#}
{% macro _monitor_relations() -%}
    {%- set relations = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) | sort(attribute='unique_id')
        if node.resource_type == 'model' and node.config.materialized == 'ml_monitor' -%}
        {%- do relations.append(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) -%}
    {%- endfor -%}
    {{ return(relations) }}
{%- endmacro %}


{#- The rows of every monitor of the project as a subquery: the monitor's name, the grain of its rows, and further columns; the views
    of monitoring read it. Like the registry's, they have no edge to any monitor.
    columns: list of expressions over a row. -#}
{% macro _monitors_of_all(columns) -%}
    {%- set grain = ['model_name', 'version', 'role', 'slice_column', 'slice_value', 'period', 'period_start', 'period_end'] -%}
    {%- set names = ', '.join(grain + columns) -%}
(
    {%- set relations = [] -%}
    {%- for relation in warehouse_ml._monitor_relations() if 'period_start' in warehouse_ml._column_names(relation) -%}
        {%- do relations.append(relation) -%}
    {%- endfor -%}
    {%- for relation in relations %}
    select {{ warehouse_ml._text(relation.identifier) }} as monitor, {{ names }}
    from {{ warehouse_ml._without_own_database(relation) }}
    {{ 'union all by name' if not loop.last }}
    {%- else %}
    select cast(null as varchar) as monitor, {{ names }} from {{ warehouse_ml._empty('monitor') }}
    {%- endfor %}
)
{%- endmacro %}
