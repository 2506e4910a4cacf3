{{ latest_values(
    views=[ref('carrier_congestion'), ref('carrier_queue')],
    at='(select max(arrival_known_at) from ' ~ ref('fct_flights') ~ ')'
) }}
