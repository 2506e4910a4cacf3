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

columns as (

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
        min(threshold) as min_rows
    from columns
    where comparison = 'min_rows'
    group by all

),

gates as (

    select
        columns.*,
        cast(
            case when columns.slice_column is null then 0 else coalesce(sizes.min_rows, 30) end as integer
        ) as min_rows,
        columns.comparison = 'must_beat_constant' or columns.metric = 'non_finite_scores' as is_implied
    from columns
    left join sizes
        on
            columns.model_name = sizes.model_name
            and columns.version = sizes.version
            and columns.metric = sizes.metric
            and columns.dataset = sizes.dataset
            and columns.slice_column = sizes.slice_column
            and columns.severity = sizes.severity
    where columns.comparison <> 'min_rows'

)

select * from gates
