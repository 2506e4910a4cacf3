with measured as (

    select * from {{ _monitors_of_all(
        ['unnest(drift) as entry']
    ) | indent(4) }}

),

drift as (

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
        entry.compared_with,
        entry.reference_start,
        entry.row_count,
        entry.reference_rows,
        entry.psi,
        entry.psi_lower,
        entry.psi_upper,
        entry.js_distance,
        entry.ks,
        entry.wasserstein,
        entry.null_share_change,
        entry.new_category_share,
        entry.empty_bins,
        entry.verdict,
        entry.reason
    from measured

)

select * from drift
