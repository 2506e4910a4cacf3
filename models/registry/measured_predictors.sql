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
        max(metric_value) filter (where predictor = 'model' and {{ _is_finite('metric_value') }}) as model_value,
        max(metric_value) filter (where predictor = 'champion' and {{ _is_finite('metric_value') }}) as champion_value,
        max(metric_value) filter (where predictor = 'constant' and {{ _is_finite('metric_value') }}) as constant_value,
        max(metric_value) filter (where predictor = 'linear' and {{ _is_finite('metric_value') }}) as linear_value,
        bool_or(predictor = 'model' and not {{ _is_finite('metric_value') }}) as is_not_finite
    from measured
    group by all

),

-- Rows and scores that are not finite are counted since counting began; before, such scores gave metrics that are not.
counted as (

    select
        * exclude (is_not_finite),
        max(case when metric = 'rows' then model_value end) over same_rows as row_count,
        coalesce(max(case when metric = 'non_finite_scores' then model_value end) over same_rows, 0) = 0
        and not coalesce(is_not_finite, false) as is_finite
    from predictors
    window same_rows as (partition by model_name, version, dataset, slice_column, slice_value)

)

select * from counted
