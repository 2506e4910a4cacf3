with measured as (

    select * from {{ _versions_of_all(
        ['unnest(metrics) as entry']
    ) | indent(4) }}

),

metrics as (

    select
        model_name,
        version,
        entry.dataset,
        entry.predictor,
        entry.metric,
        entry.value as metric_value
    from measured
    where entry.slice_column is null

)

select * from metrics
