with gates as (

    select * from {{ ref('asked_gates') }}

),

versions as (

    select * from {{ ref('model_versions') }}

),

measured as (

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

),

held as (

    select
        gates.*,
        predictors.slice_value,
        predictors.model_value,
        predictors.champion_value,
        case
            when gates.comparison = 'min_gain_over_champion' then predictors.champion_value
            when gates.comparison = 'min_gain_over_constant' then predictors.constant_value
            when gates.comparison = 'min_gain_over_linear' then predictors.linear_value
            when {{ lower_is_better('gates.metric') }} then least(predictors.constant_value, predictors.linear_value)
            else greatest(predictors.constant_value, predictors.linear_value)
        end as value_to_beat,
        versions.champion_version
    from gates
    inner join versions
        on
            gates.model_name = versions.model_name
            and gates.version = versions.version
    left join predictors
        on
            gates.model_name = predictors.model_name
            and gates.version = predictors.version
            and gates.metric = predictors.metric
            and gates.dataset = predictors.dataset
            and lower(gates.slice_column) is not distinct from lower(predictors.slice_column)

),

observed as (

    select
        *,
        case
            when comparison in ('min', 'max') then model_value
            when comparison = 'max_vs_champion' then model_value / nullif(champion_value, 0)
            when {{ lower_is_better('metric') }} then value_to_beat - model_value
            else model_value - value_to_beat
        end as observed
    from held

),

-- A metric that was not measured, or is not a number, cannot pass; what no champion was there for, cannot fail.
decided as (

    select
        *,
        coalesce(
            champion_version is null and comparison in ('min_gain_over_champion', 'max_vs_champion'), false
        )
        or coalesce(
            not isnan(model_value)
            and case comparison
                when 'max' then observed <= threshold
                when 'max_vs_champion' then model_value <= threshold * champion_value
                else observed >= threshold
            end,
            false
        ) as is_passed
    from observed

),

parity as (

    select
        model_name,
        version,
        'parity' as metric,
        'compared' as dataset,
        'max' as comparison,
        cast(null as varchar) as slice_column,
        cast(null as varchar) as slice_value,
        'error' as severity,
        parity_largest_allowed as threshold,
        parity_relative_difference as observed,
        coalesce(parity_relative_difference <= parity_largest_allowed, false) as is_passed,
        true as is_declared_today,
        true as is_declared_at_training
    from versions

),

final as (

    select
        model_name,
        version,
        metric,
        dataset,
        comparison,
        slice_column,
        slice_value,
        severity,
        threshold,
        observed,
        is_passed,
        is_declared_today,
        is_declared_at_training
    from decided
    union all by name
    select * from parity

)

select * from final
