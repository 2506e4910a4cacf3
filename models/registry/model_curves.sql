with drawn as (

    {% for name in ml_models() %}
    select
        model_name,
        version,
        unnest(curves) as entry,
        generate_subscripts(curves, 1) as curve_position
    from {{ ref(project_name, name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

points as (

    select
        model_name,
        version,
        entry.dataset,
        entry.curve,
        cast(
            row_number() over (
                partition by model_name, version, entry.dataset, entry.curve
                order by curve_position asc
            ) as integer
        ) as point_number,
        entry.x,
        entry.y,
        entry.threshold
    from drawn

)

select * from points
