{{ warehouse_ml.latest_values(
    views=ref('airport_weather'),
    at='(select max(known_at) from ' ~ ref('airport_weather') ~ ')'
) }}
