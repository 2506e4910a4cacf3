{{ config(materialized='ml_model') }}

with features as (

    select * from {{ ref('flight_delay_features') }}

),

flights as (

    select
        flight_id,
        arrival_delay_minutes
    from {{ ref('fct_flights') }}
    where arrival_delay_minutes is not null

),

labelled as (

    select
        features.*,
        flights.arrival_delay_minutes
    from features
    inner join flights
        on features.flight_id = flights.flight_id

)

select * from labelled
