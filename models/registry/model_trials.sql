with tried as (

    {% for name in ml_models() %}
    select
        model_name,
        version,
        unnest(tuning_trials) as entry
    from {{ ref(project_name, name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

trials as (

    select
        model_name,
        version,
        entry.trial as trial_number,
        entry.estimator,
        entry.params,
        entry.metric,
        entry.state,
        entry.value as metric_value,
        entry.seconds
    from tried

)

select * from trials
