{{ warehouse_ml.rolling_aggregate(
    relation=ref('visits'),
    keys=['shop_id'],
    at='known_at',
    measures={'visits': {'count': '*'}, 'last': {'last': 'minutes'}},
    windows={'1h': '1 hour'},
    columns=['visit_id', 'known_at'],
    with_itself=true
) }}
