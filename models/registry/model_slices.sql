with measured as (

    select * from {{ _versions_of_all(
        ['unnest(metrics) as entry']
    ) | indent(4) }}

),

slices as (

    select
        model_name,
        version,
        entry.dataset,
        entry.predictor,
        entry.slice_column,
        entry.slice_value,
        entry.metric,
        entry.value as metric_value
    from measured
    where entry.slice_column is not null

),

metrics as (

    select * from {{ ref('model_metrics').render() }}

),

compared as (

    select
        slices.*,
        metrics.metric_value as overall_value
    from slices
    left join metrics
        on
            slices.model_name = metrics.model_name
            and slices.version = metrics.version
            and slices.dataset = metrics.dataset
            and slices.predictor = metrics.predictor
            and slices.metric = metrics.metric

)

select * from compared
