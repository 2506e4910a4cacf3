{{ warehouse_ml.point_in_time_join(
    spine=ref('instants'),
    at='predicted_at',
    views=[
        {'view': ref('sales'), 'keys': ['shop_id'], 'ttl': '2 day'},
        {'view': ref('sales'), 'keys': {'other_shop_id': 'shop_id'}, 'prefix': 'other_'},
    ]
) }}
