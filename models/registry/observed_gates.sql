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
        predictors.row_count,
        coalesce(predictors.is_finite, true) as is_finite,
        case
            when gates.comparison in ('min_gain_over_champion', 'max_vs_champion') then predictors.champion_value
            when gates.comparison in ('min_gain_over_constant', 'must_beat_constant') then predictors.constant_value
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

-- A ratio to nothing is one where both are nothing, and infinite else.
observed as (

    select
        *,
        case
            when comparison in ('min', 'max') then model_value
            when comparison = 'max_vs_champion' and value_to_beat = 0
                then case when model_value = 0 then 1 else cast('infinity' as double) end
            when comparison = 'max_vs_champion' then model_value / value_to_beat
            when {{ lower_is_better('metric') }} then value_to_beat - model_value
            else model_value - value_to_beat
        end as observed,
        {{ left_out_slice() | indent(8) }} as left_out
    from held

)

select * from observed
