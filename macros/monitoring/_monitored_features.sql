{#- The features of the versions in the monitored rows, and the prediction, with the bins of their frozen reference: one row per
    version and feature. Versions of releases before this one have no reference.
    spec: what the monitor measures (_monitor_spec) · rows: name of the temporary table of _monitored_scores. -#}
{% macro _monitored_features(spec, rows) -%}
with versions as (

    select
        version,
        reference_profile,
        list_concat(
            list_transform(
                signature.features,
                lambda part: {'kind': 'feature', 'feature': part.name, 'type': part.type, 'categories': part.categories}
            ),
            [{
                'kind': 'prediction',
                'feature': 'prediction',
                'type': case when task in ('multiclass', 'clustering') then 'category' else 'number' end,
                'categories': []
            }]
        ) as features
    from {{ spec.versions }}
    where version in (select __version from {{ rows }})

),

features as (

    select
        version,
        unnest(features, max_depth := 2),
        reference_profile
    from versions

),

matched as (

    select
        version,
        kind,
        feature,
        type,
        categories,
        list_filter(
            reference_profile,
            lambda entry: entry.kind = features.kind and entry.feature = features.feature and entry.slice_column is null
        )[1] as reference
    from features

)

select
    version,
    row_number() over (order by version asc, kind asc, feature asc) as feature_number,
    kind,
    feature,
    type,
    categories,
    reference is not null as has_reference,
    reference.bins as bins,
    -- Finite values are summed as differences from the reference's mean, in its deviations, whose squares are small.
    coalesce(reference.mean, 0e0) as centre,
    case when reference.stddev > 0 then reference.stddev else 1e0 end as scale
from matched
{%- endmacro %}


{#- Each category of the versions in the monitored rows with the position of its bin.
    features: name of the temporary table of _monitored_features. -#}
{% macro _monitored_categories(features) -%}
with bins as (

    select
        feature_number,
        unnest(bins).bin as category,
        generate_subscripts(bins, 1) as position
    from {{ features }}
    where type = 'category'

),

categories as (

    select
        feature_number,
        unnest(categories) as category
    from {{ features }}

),

-- The bin of all other categories has no name.
others as (

    select
        categories.feature_number,
        categories.category,
        bins.position
    from categories
    inner join bins
        on categories.feature_number = bins.feature_number
    where bins.category is null

)

select * from bins
where category is not null
union all
select * from others
anti join bins using (feature_number, category)
{%- endmacro %}
