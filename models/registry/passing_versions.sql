-- Every version has gates, parity at least. One that scored yesterday is not stopped by a gate tightened today.
with gates as (

    select * from {{ ref('model_gates') }}
    where severity = 'error'

),

held as (

    select
        model_name,
        version,
        bool_and(is_passed or not is_declared_at_training) as met_at_training,
        bool_and(is_passed or not is_declared_today) as meets_today
    from gates
    group by 1, 2

),

passing as (

    select * from held
    where met_at_training or meets_today

)

select * from passing
