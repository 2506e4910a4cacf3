with source as (

    select * from {{ accepted_rows(ref('airlines')) | indent(4) }}

),

renamed as (

    select
        carrier as airline_id,
        name as airline_name
    from source

)

select * from renamed
