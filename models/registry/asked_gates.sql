with declared as (

    {{ declared_gates() | indent(4) }}

),

versions as (

    select * from {{ ref('model_versions') }}

),

stored as (

    {% for name in ml_models() %}
    select
        model_name,
        version,
        unnest(gates) as gate
    from {{ ref(project_name, name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

asked as (

    select
        versions.model_name,
        versions.version,
        declared.metric,
        declared.dataset,
        declared.comparison,
        declared.slice_column,
        declared.severity,
        declared.threshold,
        true as is_declared_today
    from versions
    inner join declared on versions.model_name = declared.model_name
    union all
    select
        model_name,
        version,
        gate.metric,
        gate.dataset,
        gate.comparison,
        gate.slice_column,
        gate.severity,
        gate.threshold,
        false as is_declared_today
    from stored

),

gates as (

    select
        model_name,
        version,
        metric,
        dataset,
        comparison,
        slice_column,
        threshold,
        severity,
        bool_or(is_declared_today) as is_declared_today,
        bool_or(not is_declared_today) as is_declared_at_training
    from asked
    group by all

)

select * from gates
