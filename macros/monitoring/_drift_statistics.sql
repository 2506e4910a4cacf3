{#- The CTE `statistics` and those before it, without `with`: how far two lists of counts over the same bins are from each other.
    All are zero where the shares are the same, and none depends on the number of rows but for chance.

    With the shares p of the period and q of the reference: PSI = sum((p - q) ln(p / q)); the Jensen-Shannon distance is
    sqrt((KL(p, (p + q) / 2) + KL(q, (p + q) / 2)) / 2); over the bins of finite numbers alone, Kolmogorov-Smirnov is the
    largest difference of the cumulated shares, and Wasserstein the sum of those differences, each times the distance from
    the mean of its bin to that of the next, divided by the reference's standard deviation.

    In PSI, a bin without a row counts as half a row, or as many rows as the share of the other side lets expect if those
    are less; so it is finite, and shares still sum to one. By chance alone PSI is about (bins - 1) (1 / n + 1 / m), which its interval
    takes off; its variance is that of the delta method and that of chance.

    matched: relation with slice_number, period_start, feature_number, compared_with, counts, reference_counts,
    reference_stddev · features: name of the temporary table of _monitored_features. -#}
{% macro _drift_statistics(matched, features) -%}
{%- set key = 'slice_number, period_start, feature_number, compared_with' -%}
{%- set z = '2.5758293035489004e0' -%}
cells as (

    select
        {{ key }},
        reference_stddev,
        unnest(counts) as row_count,
        unnest(reference_counts) as reference_count,
        generate_subscripts(counts, 1) - 3 as position
    from {{ matched }}
    where len(counts) = len(reference_counts)

),

totals as (

    select
        *,
        sum(row_count) over pair as rows_of_all,
        sum(reference_count) over pair as reference_of_all,
        sum(row_count) filter (where position > 0) over pair as finite_rows,
        sum(reference_count) filter (where position > 0) over pair as reference_finite
    from cells
    window pair as (partition by {{ key }})

),

-- At least a row on both sides, so that nothing is divided by zero.
smoothed as (

    select
        *,
        case
            when row_count > 0 then cast(row_count as double)
            when reference_count = 0 then 0e0
            else least(0.5e0, cast(rows_of_all as double) * reference_count / reference_of_all)
        end as smooth_count,
        case
            when reference_count > 0 then cast(reference_count as double)
            when row_count = 0 then 0e0
            else least(0.5e0, cast(reference_of_all as double) * row_count / rows_of_all)
        end as smooth_reference,
        cast(row_count as double) / rows_of_all as raw_share,
        cast(reference_count as double) / reference_of_all as raw_reference
    from totals
    where rows_of_all > 0 and reference_of_all > 0

),

shares as (

    select
        *,
        smooth_count / sum(smooth_count) over pair as share,
        smooth_reference / sum(smooth_reference) over pair as reference_share,
        -- Exact at equal shares: whole numbers are summed, not shares.
        cast(sum(case when position > 0 then row_count else 0 end) over so_far as double) / nullif(finite_rows, 0)
        - cast(sum(case when position > 0 then reference_count else 0 end) over so_far as double)
        / nullif(reference_finite, 0) as difference_so_far
    from smoothed
    window
        pair as (partition by {{ key }}),
        so_far as (partition by {{ key }} order by position asc rows unbounded preceding)

),

places as (

    select
        feature_number,
        unnest(bins).mean as mean,
        generate_subscripts(bins, 1) as position
    from {{ features }}

),

placed as (

    select
        shares.*,
        places.mean
    from shares
    left join places
        on
            shares.feature_number = places.feature_number
            and shares.position = places.position

),

terms as (

    select
        *,
        case when share > 0 then ln(share / reference_share) end as log_ratio,
        difference_so_far * (lead(mean) over (partition by {{ key }} order by position asc) - mean) as signed_area,
        (raw_share + raw_reference) / 2 as middle
    from placed

),

summed as (

    select
        {{ key }},
        max(rows_of_all) as rows_of_all,
        max(reference_of_all) as reference_of_all,
        max(finite_rows) as finite_rows,
        max(reference_finite) as reference_finite,
        sum(row_count) filter (where position = -1) as null_rows,
        sum(reference_count) filter (where position = -1) as reference_nulls,
        max(row_count) filter (where position = 0) as unseen_rows,
        max(reference_count) filter (where position = 0) as reference_unseen,
        max(reference_stddev) as reference_stddev,
        count(log_ratio) - 1 as freedom,
        sum((share - reference_share) * log_ratio) as psi,
        sum(share * power(log_ratio + 1 - reference_share / share, 2)) filter (where share > 0)
        - power(sum(share * (log_ratio + 1) - reference_share) filter (where share > 0), 2) as spread,
        sum(reference_share * power(1 - log_ratio - share / reference_share, 2)) filter (where share > 0)
        - power(sum(reference_share * (1 - log_ratio) - share) filter (where share > 0), 2) as reference_spread,
        sum(
            case when raw_share > 0 then raw_share * ln(raw_share / middle) else 0e0 end
            + case when raw_reference > 0 then raw_reference * ln(raw_reference / middle) else 0e0 end
        ) as divergence,
        max(abs(difference_so_far)) filter (where position > 0) as ks,
        sum(abs(signed_area)) as area,
        count(*) filter (
            where row_count = 0 and reference_count >= 20 and raw_reference * rows_of_all >= 20 and position > 0
        ) as empty_bins,
        coalesce(sum(raw_reference) filter (
            where row_count = 0 and reference_count >= 20 and raw_reference * rows_of_all >= 20 and position > 0
        ), 0e0) as emptied_share
    from terms
    group by {{ key }}

),

errors as (

    select
        summed.*,
        features.type,
        freedom * (1e0 / rows_of_all + 1e0 / reference_of_all) as chance,
        sqrt(
            greatest(spread, 0e0) / rows_of_all + greatest(reference_spread, 0e0) / reference_of_all
            + 2e0 * freedom * power(1e0 / rows_of_all + 1e0 / reference_of_all, 2)
        ) as psi_error,
        cast(null_rows as double) / rows_of_all as null_share,
        cast(reference_nulls as double) / reference_of_all as reference_null_share,
        cast(unseen_rows as double) / rows_of_all as unseen_share,
        cast(reference_unseen as double) / reference_of_all as reference_unseen_share
    from summed
    inner join {{ features }} as features
        on summed.feature_number = features.feature_number

),

statistics as (

    select
        {{ key }},
        rows_of_all,
        reference_of_all,
        finite_rows,
        reference_finite,
        null_rows,
        psi,
        greatest(psi - chance - {{ z }} * psi_error, 0e0) as psi_lower,
        greatest(psi - chance + {{ z }} * psi_error, 0e0) as psi_upper,
        sqrt(greatest(divergence, 0e0) / 2) as js_distance,
        case when type <> 'category' then ks end as ks,
        case
            when type = 'category' then null
            when area = 0 then 0e0
            when reference_stddev > 0 then area / reference_stddev
        end as wasserstein,
        null_share,
        reference_null_share,
        unseen_share,
        reference_unseen_share,
        {{ z }} * sqrt(
            null_share * (1 - null_share) / rows_of_all
            + reference_null_share * (1 - reference_null_share) / reference_of_all
        ) as null_error,
        {{ z }} * sqrt(
            unseen_share * (1 - unseen_share) / rows_of_all
            + reference_unseen_share * (1 - reference_unseen_share) / reference_of_all
        ) as unseen_error,
        cast(empty_bins as integer) as empty_bins,
        emptied_share
    from errors

)
{%- endmacro %}
