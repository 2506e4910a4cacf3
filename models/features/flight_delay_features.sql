with joined as (

    {{ point_in_time_join(
        spine=ref('flight_delay_spine'),
        at='predicted_at',
        views=[
            {'view': ref('flight_schedule'), 'keys': ['flight_id']},
            {'view': ref('aircraft_activity'), 'keys': ['aircraft_id']},
            {'view': ref('origin_congestion'), 'keys': ['origin_airport_id']},
            {'view': ref('origin_queue'), 'keys': ['origin_airport_id']},
            {'view': ref('origin_weather'), 'keys': ['origin_airport_id']},
            {'view': ref('carrier_congestion'), 'keys': ['airline_id', 'origin_airport_id']},
            {'view': ref('carrier_queue'), 'keys': ['airline_id', 'origin_airport_id']},
            {'view': ref('destination_congestion'), 'keys': ['destination_airport_id']},
            {'view': ref('route_history'), 'keys': ['origin_airport_id', 'destination_airport_id']},
        ]
    ) | indent(4) }}

),

-- The aircraft left New York last with a leg of known length: what is over after a round trip is its slack.
derived as (

    select
        * exclude (aircraft_id, flight_schedule_age_minutes),
        aircraft_activity_age_minutes + 120 - 2 * aircraft_last_duration_minutes as aircraft_slack_minutes
    from joined

)

select * from derived
