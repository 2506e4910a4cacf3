with registered as (

    select * from {{ accepted_rows(ref('airports')) | indent(4) }}

),

supplement as (

    select * from {{ accepted_rows(ref('airports_supplement')) | indent(4) }}

),

unioned as (

    select * from registered
    union all
    select * from supplement

),

renamed as (

    select
        faa as airport_id,
        name as airport_name,
        tzone as time_zone,
        cast(lat as double) as latitude,
        cast(lon as double) as longitude,
        cast(alt as integer) as altitude_feet
    from unioned

)

select * from renamed
