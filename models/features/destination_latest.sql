{{ latest_values(
    views=[ref('destination_congestion')],
    at='(select max(arrival_known_at) from ' ~ ref('fct_flights') ~ ')'
) }}
