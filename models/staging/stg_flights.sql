with instants as (

    select * from {{ ref('base_flight_instants') }}
    where {{ is_known('schedule_known_at') }}

),

flagged as (

    select
        *,
        {{ is_known('departure_known_at') }} as is_departure_known,
        {{ is_known('arrival_known_at') }} as is_arrival_known
    from instants

),

masked as (

    select
        flight_id,
        airline_id,
        aircraft_id,
        origin_airport_id,
        destination_airport_id,
        flight_number,
        distance_miles,
        case when is_departure_known then departure_delay_minutes end as departure_delay_minutes,
        case when is_arrival_known then arrival_delay_minutes end as arrival_delay_minutes,
        case when is_arrival_known then air_time_minutes end as air_time_minutes,
        case when is_departure_known then departed_at is null end as is_cancelled,
        case when is_arrival_known then departed_at is not null and arrival_delay_minutes is null end as is_diverted,
        flight_date,
        scheduled_departure_at,
        scheduled_arrival_at,
        schedule_known_at,
        case when is_departure_known then departed_at end as departed_at,
        case when is_departure_known then departure_known_at end as departure_known_at,
        case when is_arrival_known then arrived_at end as arrived_at,
        case when is_arrival_known then arrival_known_at end as arrival_known_at
    from flagged

)

select * from masked
