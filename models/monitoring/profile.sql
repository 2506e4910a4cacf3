with measured as (

    select * from {{ _monitors_of_all(
        ['unnest(profile) as entry']
    ) | indent(4) }}

),

profile as (

    select
        monitor,
        model_name,
        version,
        role,
        slice_column,
        slice_value,
        period,
        period_start,
        period_end,
        entry.feature,
        entry.kind,
        entry.type,
        entry.row_count,
        entry.nulls,
        entry.non_finite,
        entry.unseen,
        entry.mean,
        entry.stddev,
        entry.min as lowest,
        entry.max as highest,
        entry.bins
    from measured

)

select * from profile
