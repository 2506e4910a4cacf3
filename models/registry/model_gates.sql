with observed as (

    select * from {{ ref('observed_gates') }}

),

versions as (

    select * from {{ ref('model_versions') }}

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
