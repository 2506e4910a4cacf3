with decisions as (

    select
        model_name,
        sequence,
        unnest(gates) as gate
    from {{ _decisions_of_all() | indent(4) }}

),

-- What the last decision that judged a version says of it.
latest as (

    select
        model_name,
        gate
    from decisions
    qualify rank() over (partition by model_name, gate.version order by sequence desc) = 1

),

verdicts as (

    select
        model_name,
        gate.version,
        gate.metric,
        gate.dataset,
        gate.comparison,
        gate.slice_column,
        gate.slice_value,
        gate.severity,
        gate.threshold,
        gate.slice_min_rows,
        gate.observed,
        gate.is_passed,
        gate.left_out,
        gate.is_declared_today,
        gate.is_declared_at_training,
        gate.message
    from latest

)

select * from verdicts
