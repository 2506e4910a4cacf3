{#- A query of the version that scores, one row. A model without a champion is an error, which says why it has none; with
    dbt's `--empty` or `--sample`, which train nothing, its version is null.
    model: relation of the model's versions, as ref() gives it. -#}
{% macro _champion(model) -%}
    {%- do warehouse_ml.check_plugin() -%}
    {%- set name = model.identifier | replace("'", "''") -%}
    select
        {% if flags.EMPTY or invocation_args_dict.get('sample') is not none -%}
        max(version)
        {%- else -%}
        coalesce(max(version), {{ warehouse_ml.raise_error(warehouse_ml._why_no_champion(model)) }})
        {%- endif %} as version
    from {{ ref('warehouse_ml', 'champions').render() }}
    where model_name = '{{ name }}'
{%- endmacro %}
