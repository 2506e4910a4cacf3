-- The verdict of every gate on every version, one row per version, gate and slice. Reads the tables `versions`
-- (version, champion_version, metrics, gates and parity as a version row has them), `declared` (the gates of
-- today's block, in the form of a row's column gates, whether it lets a version lose to the constant, and the version that
-- scores), `metrics` (which way each metric is better) and `live` (what monitors measured of versions beside that version).
with measurements as (

    select
        version,
        unnest(metrics, recursive := true)
    from versions

),

predictors as (

    select
        measurements.version,
        measurements.metric,
        measurements.dataset,
        measurements.slice_column,
        measurements.slice_value,
        max(value) filter (where predictor = 'model' and isfinite(value)) as model_value,
        max(value) filter (where predictor = 'champion' and isfinite(value)) as champion_value,
        max(value) filter (where predictor = 'constant' and isfinite(value)) as constant_value,
        max(value) filter (where predictor = 'linear' and isfinite(value)) as linear_value,
        bool_or(predictor = 'model' and not isfinite(value)) as is_not_finite
    from measurements
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
    window same_rows as (partition by version, dataset, slice_column, slice_value)
    union all by name
    select
        *,
        'live' as dataset,
        true as is_finite
    from live

),

entries as (

    select
        version,
        false as is_declared_today,
        unnest(gates, recursive := true)
    from versions
    union all by name
    select
        version,
        true as is_declared_today,
        unnest(declared_gates, recursive := true)
    from versions
    cross join declared

),

-- The smallest slices of a gate stand beside it, in an entry of their own; a version trained before has none.
sizes as (

    select
        version,
        is_declared_today,
        metric,
        dataset,
        slice_column,
        severity,
        min(threshold) as slice_min_rows
    from entries
    where comparison = 'min_rows'
    group by all

),

sized as (

    select distinct
        entries.*,
        cast(
            coalesce(sizes.slice_min_rows, case when entries.slice_column is null then 0 else 30 end) as integer
        ) as slice_min_rows,
        entries.comparison = 'must_beat_constant' or entries.metric = 'non_finite_scores' as is_implied
    from entries
    left join sizes
        on
            entries.version = sizes.version
            and entries.is_declared_today = sizes.is_declared_today
            and entries.metric = sizes.metric
            and entries.dataset = sizes.dataset
            and entries.slice_column is not distinct from sizes.slice_column
            and entries.severity = sizes.severity
    where entries.comparison <> 'min_rows'

),

-- The gates that no block has to name hold today as well; a block can only do without the one against the constant.
applicable as (

    select * exclude (is_implied)
    from sized
    where severity <> 'off'
    union all by name
    select
        sized.* exclude (is_implied) replace ('error' as severity, true as is_declared_today)
    from sized
    cross join declared
    where
        sized.is_implied
        and not (sized.comparison = 'must_beat_constant' and declared.may_lose_to_constant)

),

gates as (

    select
        version,
        metric,
        dataset,
        comparison,
        slice_column,
        threshold,
        slice_min_rows,
        severity,
        bool_or(is_declared_today) as is_declared_today,
        bool_or(not is_declared_today) as is_declared_at_training
    from applicable
    group by all

),

held as (

    select
        gates.*,
        predictors.slice_value,
        predictors.model_value,
        predictors.row_count,
        coalesce(predictors.is_finite, true) as is_finite,
        metrics.is_greater_better,
        case
            when gates.dataset = 'live' then nullif(declared.live_champion, gates.version)
            else versions.champion_version
        end as champion_version,
        case
            when gates.comparison in ('min_gain_over_champion', 'max_vs_champion') then predictors.champion_value
            when gates.comparison in ('min_gain_over_constant', 'must_beat_constant') then predictors.constant_value
            when gates.comparison = 'min_gain_over_linear' then predictors.linear_value
            when metrics.is_greater_better then greatest(predictors.constant_value, predictors.linear_value)
            else least(predictors.constant_value, predictors.linear_value)
        end as value_to_beat
    from gates
    inner join versions on gates.version = versions.version
    cross join declared
    left join metrics on gates.metric = metrics.metric
    left join counted as predictors
        on
            gates.version = predictors.version
            and gates.metric = predictors.metric
            and gates.dataset = predictors.dataset
            and lower(gates.slice_column) is not distinct from lower(predictors.slice_column)

),

-- A ratio to nothing is one where both are nothing, and infinite else. Slices with too few rows, or on which a metric is
-- not defined although every score is finite, do not count.
observed as (

    select
        *,
        case
            when comparison in ('min', 'max') then model_value
            when comparison = 'max_vs_champion' and value_to_beat = 0
                then case when model_value = 0 then 1 else cast('infinity' as double) end
            when comparison = 'max_vs_champion' then model_value / value_to_beat
            when is_greater_better then model_value - value_to_beat
            else value_to_beat - model_value
        end as observed,
        case
            when dataset = 'live' and champion_version is not null and coalesce(row_count, 0) < slice_min_rows
                then concat(
                    'it has ', coalesce(cast(row_count as bigint), 0), ' live rows with a label beside version ',
                    champion_version, ', and min_rows is ', slice_min_rows
                )
            when slice_value is null or not is_finite then null
            when row_count < slice_min_rows
                then concat(
                    slice_column, ' ', slice_value, ' is left out of the gate on ', metric, ' on the ', dataset,
                    ' data: it has ', cast(row_count as bigint), ' rows, and min_rows is ', slice_min_rows
                )
            when model_value is null
                then concat(
                    slice_column, ' ', slice_value, ' is left out of the gate on ', metric, ' on the ', dataset,
                    ' data: ', metric, ' is not defined on its rows'
                )
        end as left_out
    from held

),

-- What was not measured cannot pass; a comparison with no champion, or with one that cannot score, cannot fail.
judged as (

    select
        *,
        coalesce(
            case
                when left_out is not null then not bool_and(left_out is not null) over same_gate
                when comparison in ('min_gain_over_champion', 'max_vs_champion') and champion_version is null then true
                when model_value is null or not isfinite(threshold) then false
                when comparison in ('min_gain_over_champion', 'max_vs_champion') and value_to_beat is null then true
                when comparison in ('max', 'max_vs_champion') then observed <= threshold
                when comparison = 'must_beat_constant' then observed > 1e-6 * abs(value_to_beat)  -- more than rounding
                else observed >= threshold
            end,
            false
        ) as is_passed
    from observed
    window same_gate as (
        partition by version, metric, dataset, comparison, slice_column, severity, threshold, slice_min_rows
    )

),

final as (

    select
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
    from judged
    union all by name
    select
        version,
        'parity' as metric,
        'compared' as dataset,
        'max' as comparison,
        'error' as severity,
        parity.largest_allowed as threshold,
        0 as slice_min_rows,
        parity.max_relative_difference as observed,
        coalesce(parity.max_relative_difference <= parity.largest_allowed, false) as is_passed,
        true as is_declared_today,
        true as is_declared_at_training
    from versions

)

select * from final
order by
    version, metric, dataset, comparison, slice_column nulls first, slice_value nulls first, threshold, severity,
    slice_min_rows
