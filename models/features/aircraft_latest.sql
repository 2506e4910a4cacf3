{{ latest_values(
    views=[ref('aircraft_activity')],
    at='(select max(arrival_known_at) from ' ~ ref('fct_flights') ~ ')'
) }}
