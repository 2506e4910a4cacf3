with tried as (

    select * from {{ _versions_of_all(
        ['unnest(tuning_trials) as entry']
    ) | indent(4) }}

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
