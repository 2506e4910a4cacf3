with gates as (

    select * from {{ ref('model_gates') }}
    where is_declared_today

),

champions as (

    select * from {{ ref('champions') }}

),

newest as (

    select
        model_name,
        max(version) as version
    from {{ ref('model_versions') }}
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
        gates.left_out,
        champions.version as champion_version
    from gates
    inner join newest
        on
            gates.model_name = newest.model_name
            and gates.version = newest.version
    left join champions on gates.model_name = champions.model_name
    where not gates.is_passed

),

explained as (

    select
        * exclude (left_out, champion_version),
        {{ gate_failure_message() | indent(8) }} as message
    from failures

)

select * from explained
