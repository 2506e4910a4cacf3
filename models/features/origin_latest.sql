{{ latest_values(
    views=[ref('origin_congestion'), ref('origin_queue'), ref('origin_weather')],
    at='(select max(arrival_known_at) from ' ~ ref('fct_flights') ~ ')'
) }}
