with entries as (

    {% for name in ml_models() %}
    select
        model_name,
        version,
        unnest(gates) as gate
    from {{ ref(project_name, name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

flattened as (

    select
        model_name,
        version,
        gate.metric,
        gate.dataset,
        gate.comparison,
        gate.slice_column,
        gate.severity,
        gate.threshold
    from entries

),

-- The smallest slices of a gate stand beside it, in an entry of their own; a version trained before has none.
sizes as (

    select
        model_name,
        version,
        metric,
        dataset,
        slice_column,
        severity,
        min(threshold) as slice_min_rows
    from flattened
    where comparison = 'min_rows'
    group by all

),

gates as (

    select distinct
        flattened.*,
        cast(
            case when flattened.slice_column is null then 0 else coalesce(sizes.slice_min_rows, 30) end as integer
        ) as slice_min_rows,
        flattened.comparison = 'must_beat_constant' or flattened.metric = 'non_finite_scores' as is_implied
    from flattened
    left join sizes
        on
            flattened.model_name = sizes.model_name
            and flattened.version = sizes.version
            and flattened.metric = sizes.metric
            and flattened.dataset = sizes.dataset
            and flattened.slice_column = sizes.slice_column
            and flattened.severity = sizes.severity
    where flattened.comparison <> 'min_rows'

)

select * from gates
