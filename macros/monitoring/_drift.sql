{#- How far each feature of each period is from the training rows of the version, and from an earlier period: `drift` as the
    monitor keeps it. One row per slice, period, feature and what it is compared with.
    spec: what the monitor measures (_monitor_spec) · periods, features, profiles: names of the temporary tables of
    _monitored_periods, _monitored_features and _profiles · relation: relation of the monitor, with the rows of earlier
    builds. -#}
{% macro _drift(spec, periods, features, profiles, relation) -%}
with {{ warehouse_ml._drift_references(spec, periods, features, profiles, relation) }},

compared as (

    select
        profiles.slice_number,
        profiles.period_start,
        profiles.feature_number,
        profiles.counts,
        profiles.profile,
        kinds.compared_with,
        case when kinds.compared_with = 'previous'
            then profiles.period_start - {{ warehouse_ml._period_before(spec) }}
        end as reference_start
    from {{ profiles }} as profiles
    cross join (select unnest(['training', 'previous']) as compared_with) as kinds

),

matched as (

    select
        compared.*,
        references_of_all.counts as reference_counts,
        references_of_all.stddev as reference_stddev
    from compared
    left join references_of_all
        on
            compared.slice_number = references_of_all.slice_number
            and compared.feature_number = references_of_all.feature_number
            and compared.reference_start is not distinct from references_of_all.reference_start

),

{{ warehouse_ml._drift_statistics('matched', features) }},

described as (

    select
        matched.slice_number,
        matched.period_start,
        matched.profile.feature as feature,
        matched.profile.kind as kind,
        matched.compared_with,
        case when matched.reference_counts is not null then matched.reference_start end as reference_start,
        matched.profile.row_count as row_count,
        periods.row_count as period_rows,
        features.has_reference,
        cast(list_sum(matched.reference_counts) as bigint) as reference_rows,
        statistics.* exclude (slice_number, period_start, feature_number, compared_with)
    from matched
    inner join {{ periods }} as periods
        on
            matched.slice_number = periods.slice_number
            and matched.period_start = periods.period_start
    inner join {{ features }} as features
        on matched.feature_number = features.feature_number
    left join statistics
        on
            matched.slice_number = statistics.slice_number
            and matched.period_start = statistics.period_start
            and matched.feature_number = statistics.feature_number
            and matched.compared_with = statistics.compared_with

),

{{ warehouse_ml._drift_verdicts(spec, 'described') }}

select
    slice_number,
    period_start,
    {
        'feature': feature, 'kind': kind, 'compared_with': compared_with, 'reference_start': reference_start,
        'row_count': row_count, 'reference_rows': reference_rows, 'psi': psi, 'psi_lower': psi_lower, 'psi_upper': psi_upper,
        'js_distance': js_distance, 'ks': ks, 'wasserstein': wasserstein, 'null_share_change': null_share_change,
        'new_category_share': new_category_share, 'empty_bins': empty_bins, 'verdict': verdict, 'reason': reason
    } as drift
from judged
{%- endmacro %}


{#- The time from the earlier period that is compared with to the period itself, as SQL.
    spec: what the monitor measures. -#}
{% macro _period_before(spec) -%}
    interval {{ {'previous': '1 ' ~ spec.period, 'same_weekday': '7 day', 'same_month': '1 year'}[spec.compare_with] }}
{%- endmacro %}


{#- The CTE `references_of_all` and those before it, without `with`: the counts that features are compared with, in the same
    order, by slice and feature; `reference_start` is null for the training rows, and the begin of an earlier period.
    spec, periods, features, profiles, relation: see _drift. -#}
{% macro _drift_references(spec, periods, features, profiles, relation) -%}
slices as (

    select distinct
        slice_number,
        version,
        role,
        slice_column,
        slice_value
    from {{ periods }}

),

trained as (

    select
        version,
        unnest(reference_profile) as entry
    from {{ spec.versions }}
    where version in (select version from slices)

),

-- Of the earlier periods only those that the query no longer gives, and that one of its periods is compared with.
kept as (

    select
        slices.slice_number,
        slices.version,
        stored.period_start,
        unnest(stored.profile) as entry
    from {{ relation }} as stored
    inner join slices
        on
            stored.version = slices.version
            and stored.role = slices.role
            and stored.slice_column is not distinct from slices.slice_column
            and stored.slice_value is not distinct from slices.slice_value
    where
        stored.model_name = {{ warehouse_ml._text(spec.model) }}
        and stored.period = '{{ spec.period }}'
        and stored.period_start not in (select period_start from {{ periods }} as measured where measured.version = stored.version)
        and stored.period_start in (select period_start - {{ warehouse_ml._period_before(spec) }} from {{ periods }})

),

references_of_all as (

    select
        slices.slice_number,
        features.feature_number,
        cast(null as timestamp) as reference_start,
        list_concat(
            [trained.entry.non_finite, trained.entry.nulls, 0],
            list_transform(trained.entry.bins, lambda bin: bin.row_count)
        ) as counts,
        trained.entry.stddev as stddev
    from trained
    inner join slices
        on
            trained.version = slices.version
            and lower(trained.entry.slice_column) is not distinct from lower(slices.slice_column)
            and trained.entry.slice_value is not distinct from slices.slice_value
    inner join {{ features }} as features
        on
            trained.version = features.version
            and trained.entry.kind = features.kind
            and trained.entry.feature = features.feature
    union all
    select
        profiles.slice_number,
        profiles.feature_number,
        profiles.period_start as reference_start,
        profiles.counts,
        profiles.profile.stddev as stddev
    from {{ profiles }} as profiles
    inner join {{ features }} as features
        on profiles.feature_number = features.feature_number
    -- Without the bins of training rows there is nothing to count by.
    where features.has_reference
    union all
    select
        kept.slice_number,
        features.feature_number,
        kept.period_start as reference_start,
        list_concat(
            [kept.entry.non_finite, kept.entry.nulls, kept.entry.unseen],
            list_transform(kept.entry.bins, lambda bin: bin.row_count)
        ) as counts,
        kept.entry.stddev as stddev
    from kept
    inner join {{ features }} as features
        on
            kept.version = features.version
            and kept.entry.kind = features.kind
            and kept.entry.feature = features.feature
            and len(kept.entry.bins) = len(features.bins)
    where features.has_reference

)
{%- endmacro %}
