with gates as (

    select * from {{ ref('model_gates') }}

),

newest as (

    select
        model_name,
        max(version) as version
    from {{ ref('model_versions') }}
    group by 1

),

failures as (

    select gates.*
    from gates
    inner join newest
        on
            gates.model_name = newest.model_name
            and gates.version = newest.version
    where not gates.is_passed

)

select * from failures
