{{ by_increments('predicted_at', margin='7 day') }}

with flights as (

    select * from {{ ref('fct_flights') }}
    where {{ in_increment("scheduled_departure_at - interval '2' hour") }}

),

spine as (

    select
        flight_id,
        airline_id,
        aircraft_id,
        origin_airport_id,
        destination_airport_id,
        scheduled_departure_at - interval '2' hour as predicted_at
    from flights

)

select * from spine
where {{ is_known('predicted_at') }}
