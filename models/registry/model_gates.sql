with observed as (

    select * from {{ ref('observed_gates') }}

),

versions as (

    select * from {{ ref('model_versions') }}

),

-- What was not measured cannot pass; a comparison with no champion, or with one that cannot score, cannot fail.
decided as (

    select
        *,
        coalesce(
            case
                when left_out is not null then not bool_and(left_out is not null) over same_gate
                when comparison in ('min_gain_over_champion', 'max_vs_champion') and champion_version is null then true
                when model_value is null or not {{ _is_finite('threshold') }} then false
                when comparison in ('min_gain_over_champion', 'max_vs_champion') and value_to_beat is null then true
                when comparison in ('max', 'max_vs_champion') then observed <= threshold
                when comparison = 'must_beat_constant' then observed > 1e-6 * abs(value_to_beat)  -- more than rounding
                else observed >= threshold
            end,
            false
        ) as is_passed
    from observed
    window same_gate as (
        partition by model_name, version, metric, dataset, comparison, slice_column, severity, threshold, slice_min_rows
    )

),

parity as (

    select
        model_name,
        version,
        'parity' as metric,
        'compared' as dataset,
        'max' as comparison,
        'error' as severity,
        parity_largest_allowed as threshold,
        0 as slice_min_rows,
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
        slice_min_rows,
        observed,
        is_passed,
        left_out,
        is_declared_today,
        is_declared_at_training
    from decided
    union all by name
    select * from parity

)

select * from final
