{{ config(materialized='ml_model') }}

with features as (

    select * from {{ ref('flight_outcome_features') }}

),

flights as (

    select
        flight_id,
        case
            when is_cancelled or is_diverted then 'lost'
            when is_delayed then 'late'
            else 'on time'
        end as outcome
    from {{ ref('fct_flights') }}
    where is_cancelled or is_diverted or is_delayed is not null

),

labelled as (

    select
        features.*,
        flights.outcome
    from features
    inner join flights
        on features.flight_id = flights.flight_id

)

select * from labelled
