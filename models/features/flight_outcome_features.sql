-- A missing tail number tells of a cancellation that was not known two hours ahead: nothing about the aircraft is here.
with features as (

    select * from {{ ref('flight_delay_features') }}

)

select
    {{ all_but([
        'aircraft_last_duration_minutes',
        'aircraft_last_departure_delay',
        'aircraft_mean_departure_delay_24h',
        'aircraft_departures_24h',
        'aircraft_activity_age_minutes',
        'aircraft_slack_minutes',
    ]) }}
from features
