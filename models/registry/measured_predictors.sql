with measured as (

    select
        *,
        cast(null as varchar) as slice_column,
        cast(null as varchar) as slice_value
    from {{ ref('model_metrics') }}
    union all by name
    select * exclude (overall_value) from {{ ref('model_slices') }}

),

predictors as (

    select
        model_name,
        version,
        metric,
        dataset,
        slice_column,
        slice_value,
        max(metric_value) filter (where predictor = 'model') as model_value,
        max(metric_value) filter (where predictor = 'champion') as champion_value,
        max(metric_value) filter (where predictor = 'constant') as constant_value,
        max(metric_value) filter (where predictor = 'linear') as linear_value
    from measured
    group by all

)

select * from predictors
