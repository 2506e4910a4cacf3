{{ by_increments('predicted_at', margin='7 day') }}

with spine as (

    select * from {{ ref('flight_delay_spine') }}
    where {{ in_increment('predicted_at') }}

),

joined as (

    {{ point_in_time_join(
        spine='spine',
        at='predicted_at',
        views=[
            ref('flight_schedule'),
            ref('aircraft_activity'),
            ref('origin_congestion'),
            ref('origin_queue'),
            ref('origin_weather'),
            ref('carrier_congestion'),
            ref('carrier_queue'),
            ref('destination_congestion'),
            ref('route_history'),
        ]
    ) | indent(4) }}

),

-- The aircraft left New York last with a leg of known length: what is over after a round trip is its slack.
derived as (

    select
        {{ all_but(['aircraft_id', 'flight_schedule_age_minutes']) }},
        aircraft_activity_age_minutes + 120 - 2 * aircraft_last_duration_minutes as aircraft_slack_minutes
    from joined

)

select * from derived
