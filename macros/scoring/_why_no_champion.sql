{#- SQL text that says why a model has no champion: its training was refused, its versions fail gates, or there is none.
    model: relation of the model's versions, as ref() gives it. -#}
{% macro _why_no_champion(model) -%}
    {%- set name = model.identifier | replace("'", "''") -%}
    {%- set refusals = model.incorporate(path={'identifier': 'training_refusals'}) -%}
    coalesce(
        {%- if execute and load_relation(refusals) %}
        (select problem from {{ refusals.render() }} where model_name = '{{ name }}'),
        {%- endif %}
        (
            select
                'Model ''{{ name }}'' has no champion, as version ' || max(version) || ' does not meet its gates: '
                || string_agg(
                    concat_ws(
                        ' ', metric, dataset, slice_column || '=' || slice_value, comparison, threshold
                    ) || ', observed ' || coalesce(cast(round(observed, 6) as varchar), 'nothing'),
                    '; ' order by metric asc, comparison asc, slice_value asc
                ) || '; improve the model or move the gate.'
            from {{ ref('warehouse_ml', 'model_gates').render() }}
            where
                model_name = '{{ name }}'
                and severity = 'error'
                and not is_passed
                and is_declared_today
                and version = (
                    select max(version) from {{ ref('warehouse_ml', 'model_gates').render() }} where model_name = '{{ name }}'
                )
        ),
        'Model ''{{ name }}'' has no champion and no version yet: build it first.'
    )
{%- endmacro %}
