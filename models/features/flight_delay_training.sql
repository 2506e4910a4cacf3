with features as (

    select * from {{ ref('flight_delay_features') }}

),

flights as (

    select
        flight_id,
        is_delayed
    from {{ ref('fct_flights') }}
    where is_delayed is not null

),

labelled as (

    select
        features.*,
        flights.is_delayed
    from features
    inner join flights
        on features.flight_id = flights.flight_id

)

select * from labelled
