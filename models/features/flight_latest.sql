{{ latest_values(
    views=[ref('flight_schedule')],
    at='(select max(arrival_known_at) from ' ~ ref('fct_flights') ~ ')'
) }}
