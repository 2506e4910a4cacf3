with registered as (

    select * from {{ ref('stg_aircraft') }}

),

flown as (

    select distinct aircraft_id
    from {{ ref('stg_flights') }}
    where aircraft_id is not null

),

-- Every aircraft that flew has a row, also where the registry does not know it.
combined as (

    select
        coalesce(registered.aircraft_id, flown.aircraft_id) as aircraft_id,
        registered.aircraft_type,
        registered.manufacturer,
        registered.model,
        registered.engine_type,
        registered.engine_count,
        registered.seat_count,
        registered.cruising_speed_mph,
        registered.manufactured_year,
        registered.aircraft_id is not null as is_registered
    from registered
    full outer join flown
        on registered.aircraft_id = flown.aircraft_id

)

select * from combined
