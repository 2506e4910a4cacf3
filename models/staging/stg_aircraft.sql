with source as (

    select * from {{ accepted_rows(ref('aircraft')) | indent(4) }}

),

renamed as (

    select
        tailnum as aircraft_id,
        type as aircraft_type,
        manufacturer,
        model,
        engine as engine_type,
        cast(engines as integer) as engine_count,
        cast(seats as integer) as seat_count,
        cast(speed as integer) as cruising_speed_mph,
        cast(year as integer) as manufactured_year
    from source

)

select * from renamed
