{{ warehouse_ml.point_in_time_join(
    spine=ref('instants'),
    at='predicted_at',
    views=[
        ref('sales'),
        {'view': ref('sales'), 'keys': {'other_shop_id': 'shop_id'}, 'prefix': 'other_', 'ttl': '3 hour'},
    ]
) }}
