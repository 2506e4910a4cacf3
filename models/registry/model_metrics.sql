with measured as (

    {% for name in ml_models() %}
    select
        model_name,
        version,
        unnest(metrics) as entry
    from {{ ref(project_name, name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

metrics as (

    select
        model_name,
        version,
        entry.dataset,
        entry.predictor,
        entry.metric,
        entry.value as metric_value
    from measured
    where entry.slice_column is null

)

select * from metrics
