with pins as (

    select * from {{ ref('checked_pins') }}

),

failures as (

    select * from pins
    where refusal is not null

)

select * from failures
