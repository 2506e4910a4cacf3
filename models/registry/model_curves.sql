with drawn as (

    select * from {{ _versions_of_all(
        ['unnest(curves) as entry', 'generate_subscripts(curves, 1) as curve_position']
    ) | indent(4) }}

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
