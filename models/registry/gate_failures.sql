with gates as (

    select * from {{ ref('model_gates').render() }}

),

newest as (

    select
        model_name,
        max(version) as version
    from gates
    group by 1

),

failures as (

    select
        gates.model_name,
        gates.version,
        gates.metric,
        gates.dataset,
        gates.comparison,
        gates.slice_column,
        gates.slice_value,
        gates.severity,
        gates.threshold,
        gates.slice_min_rows,
        gates.observed,
        gates.message
    from gates
    inner join newest
        on
            gates.model_name = newest.model_name
            and gates.version = newest.version
    where not gates.is_passed and gates.is_declared_today

)

select * from failures
