with declared as (

    {{ declared_gates() | indent(4) }}

),

versions as (

    select * from {{ ref('model_versions') }}

),

metrics as (

    select * from {{ ref('model_metrics') }}

),

observed as (

    select
        versions.model_name,
        versions.version,
        declared.metric,
        declared.dataset,
        declared.comparison,
        declared.threshold,
        metrics.metric_value as observed
    from versions
    inner join declared
        on versions.model_name = declared.model_name
    left join metrics
        on
            versions.model_name = metrics.model_name
            and versions.version = metrics.version
            and declared.metric = metrics.metric
            and declared.dataset = metrics.dataset

),

-- A metric that was not measured, or is not a number, cannot pass.
decided as (

    select
        *,
        coalesce(
            not isnan(observed)
            and case comparison when 'min' then observed >= threshold else observed <= threshold end,
            false
        ) as is_passed
    from observed

)

select * from decided
