-- A flight joins the queue at its scheduled departure and leaves it when its departure, or its cancellation, is
-- known, or after six hours, when nobody at the gate counts on it any more.
with flights as (

    select
        flight_id,
        airline_id,
        origin_airport_id,
        scheduled_departure_at as joined_at,
        -- Engines take the least and the greatest of what is not null: an unknown departure needs a branch of its own.
        case
            when departure_known_at < scheduled_departure_at + interval '6' hour
                then greatest(departure_known_at, scheduled_departure_at)
            else scheduled_departure_at + interval '6' hour
        end as left_at
    from {{ ref('fct_flights') }}

),

changes as (

    select
        flight_id,
        airline_id,
        origin_airport_id,
        joined_at,
        joined_at as changed_at,
        1 as queue_change
    from flights
    union all
    select
        flight_id,
        airline_id,
        origin_airport_id,
        joined_at,
        left_at as changed_at,
        -1 as queue_change
    from flights

)

select * from changes
where {{ is_known('changed_at') }}
