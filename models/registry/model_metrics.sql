with metrics as (

    {% for name in ml_models() %}
    select
        model_name,
        version,
        unnest(metrics, recursive := true)
    from {{ ref(name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    model_name,
    version,
    split,
    metric,
    value as metric_value
from metrics
