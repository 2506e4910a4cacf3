{#- What each feature looked like in each period: `profile` as the monitor keeps it, and `counts`, the rows that are not finite,
    without a value, unseen, and in each bin of the reference. One row per slice, period and feature.
    spec: what the monitor measures (_monitor_spec) · groups: list of mappings with the numbers of slice columns (_slice_groups), the
    subquery of scores of _rows_by_cell and the name of the temporary table of _binned_rows · periods, features: names of those of
    _monitored_periods and _monitored_features. -#}
{% macro _profiles(spec, groups, periods, features) -%}
with
{%- for group in groups %}
keys_{{ loop.index }} as (

    select distinct
        __cell,
        __version,
        __role,
        __period_start{% for number in group.numbers %},
        __slice_{{ number }}{% endfor %}
    from {{ group.rows }}

),

{% endfor -%}
counted as (

    {%- for group in groups %}
    {{ 'union all' if not loop.first }}
    select
        __version,
        __role,
        __period_start,
        {{ warehouse_ml._slice_columns(spec, group.numbers) | indent(8) }},
        feature_number,
        bin,
        sum(row_count) as row_count,
        sum(total) as total,
        sum(squares) as squares,
        min(least) as least,
        max(greatest) as greatest
    from {{ group.bins }} as bins
    inner join keys_{{ loop.index }} using (__cell)
    group by grouping sets (
        {{- warehouse_ml._slice_sets(group.numbers, ', feature_number, bin', of_all_rows=loop.first) }})
    {%- endfor %}

),

cells as (

    select
        periods.slice_number,
        periods.period_start,
        counted.* exclude (slice_column, slice_value)
    from counted
    inner join {{ periods }} as periods
        on
            counted.__version = periods.version
            and counted.__role = periods.role
            and counted.__period_start = periods.period_start
            and counted.slice_column is not distinct from periods.slice_column
            and counted.slice_value is not distinct from periods.slice_value

),

moments as (

    select
        slice_number,
        period_start,
        feature_number,
        cast(sum(row_count) filter (where bin = -1) as bigint) as nulls,
        cast(sum(row_count) filter (where bin = -2) as bigint) as non_finite,
        cast(sum(row_count) filter (where bin = 0) as bigint) as unseen,
        sum(row_count) filter (where bin is null) as finite,
        sum(total) filter (where bin is null) as total,
        sum(squares) filter (where bin is null) as squares,
        min(least) filter (where bin is null) as least,
        max(greatest) filter (where bin is null) as greatest
    from cells
    group by 1, 2, 3

),

places as (

    select
        features.feature_number,
        features.version,
        unnest(features.bins, max_depth := 2),
        generate_subscripts(features.bins, 1) as position
    from {{ features }} as features

),

binned as (

    select
        periods.slice_number,
        periods.period_start,
        places.feature_number,
        list(
            {'bin': places.bin, 'lower': places.lower, 'upper': places.upper, 'row_count': coalesce(cells.row_count, 0)}
            order by places.position
        ) as bins
    from {{ periods }} as periods
    inner join places
        on periods.version = places.version
    left join cells
        on
            periods.slice_number = cells.slice_number
            and periods.period_start = cells.period_start
            and places.feature_number = cells.feature_number
            and places.position = cells.bin
    group by 1, 2, 3

),

described as (

    select
        periods.slice_number,
        periods.period_start,
        features.feature_number,
        features.feature,
        features.kind,
        features.type,
        -- A feature that the query lacks has no rows.
        case when exists(select 1 from counted where counted.feature_number = features.feature_number) then periods.row_count else 0 end as row_count,
        coalesce(moments.nulls, 0) as nulls,
        coalesce(moments.non_finite, 0) as non_finite,
        coalesce(moments.unseen, 0) as unseen,
        case when {{ warehouse_ml._is_finite('moments.total') }}
            then features.centre + features.scale * moments.total / moments.finite
        end as mean,
        case when moments.finite > 1 and moments.least = moments.greatest then 0e0
            when moments.finite > 1 and {{ warehouse_ml._is_finite('moments.squares') }}
            then features.scale * sqrt(
                greatest(moments.squares - moments.total * moments.total / moments.finite, 0e0) / (moments.finite - 1)
            )
        end as stddev,
        moments.least,
        moments.greatest,
        coalesce(binned.bins, []) as bins
    from {{ periods }} as periods
    inner join {{ features }} as features
        on periods.version = features.version
    left join moments
        on
            periods.slice_number = moments.slice_number
            and periods.period_start = moments.period_start
            and features.feature_number = moments.feature_number
    left join binned
        on
            periods.slice_number = binned.slice_number
            and periods.period_start = binned.period_start
            and features.feature_number = binned.feature_number

)

select
    slice_number,
    period_start,
    feature_number,
    {
        'feature': feature, 'kind': kind, 'type': type, 'row_count': row_count, 'nulls': nulls, 'non_finite': non_finite,
        'unseen': unseen, 'mean': mean, 'stddev': stddev, 'min': least, 'max': greatest, 'bins': bins
    } as profile,
    list_concat([non_finite, nulls, unseen], list_transform(bins, lambda bin: bin.row_count)) as counts
from described
{%- endmacro %}
