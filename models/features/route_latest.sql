{{ latest_values(
    views=[ref('route_history')],
    at='(select max(arrival_known_at) from ' ~ ref('fct_flights') ~ ')'
) }}
