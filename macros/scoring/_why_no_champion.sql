{#- SQL text that says why a model has no champion: its training was refused, its versions fail gates, or there is none.
    model: relation of the model's versions, as ref() gives it. -#}
{% macro _why_no_champion(model) -%}
    {%- set name = model.identifier | replace("'", "''") -%}
    {%- set gates = ref('warehouse_ml', 'model_gates').render() -%}
    {%- set refusals = model.incorporate(path={'identifier': 'training_refusals'}) -%}
    {#- The training makes the table, of which dbt's cache of relations does not know in the same run. -#}
    {%- set is_there = execute and run_query(
        "select 1 from information_schema.tables where table_schema = '" ~ model.schema ~ "' and table_name = 'training_refusals'"
    ).rows | length > 0 %}
    coalesce(
        {%- if is_there %}
        (select problem from {{ refusals.render() }} where model_name = '{{ name }}'),
        {%- endif %}
        (
            select 'Model ''{{ name }}'' has no champion. ' || string_agg(message, ' ' order by message asc)
            from (
                select {{ warehouse_ml.gate_failure_message() }} as message
                from (select *, cast(null as integer) as champion_version from {{ gates }}) as gates
                where
                    model_name = '{{ name }}'
                    and severity = 'error'
                    and not is_passed
                    and is_declared_today
                    and version = (select max(version) from {{ gates }} where model_name = '{{ name }}')
            ) as failures
        ),
        'Model ''{{ name }}'' has no champion and no version yet: build it first.'
    )
{%- endmacro %}
