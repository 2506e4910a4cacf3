with source as (

    select * from {{ ref('airlines') }}

),

renamed as (

    select
        carrier as airline_id,
        name as airline_name
    from source

)

select * from renamed
