with gates as (

    select * from {{ ref('asked_gates') }}

),

versions as (

    select * from {{ ref('model_versions') }}

),

predictors as (

    select * from {{ ref('measured_predictors') }}

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
        model_name,
        version,
        metric,
        dataset,
        comparison,
        slice_column,
        slice_value,
        severity,
        threshold,
        model_value,
        champion_value,
        case
            when comparison in ('min', 'max') then model_value
            when comparison = 'max_vs_champion' then model_value / nullif(champion_value, 0)
            when {{ lower_is_better('metric') }} then value_to_beat - model_value
            else model_value - value_to_beat
        end as observed,
        champion_version,
        is_declared_today,
        is_declared_at_training
    from held

)

select * from observed
