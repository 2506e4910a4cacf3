with measured as (

    select * from {{ _monitors_of_all(
        ['row_count', 'labelled_rows', 'dbt_invocation_id', 'unnest(metrics) as entry']
    ) | indent(4) }}

),

live_metrics as (

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
        entry.metric,
        row_count,
        labelled_rows,
        labelled_rows / nullif(cast(row_count as double), 0e0) as labelled_share,
        case when role <> 'shadow' then row_count / sum(row_count) over published end as published_share,
        entry.value as metric_value,
        entry.estimate,
        entry.estimate_lower,
        entry.estimate_upper
    from measured
    window published as (
        partition by
            monitor, model_name, slice_column, slice_value, period, period_start, entry.metric, dbt_invocation_id,
            role = 'shadow'
    )

)

select * from live_metrics
