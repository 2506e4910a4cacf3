{%- set instants = ref('instants') -%}
{%- set other = {'view': ref('sales'), 'keys': {'other_shop_id': 'shop_id'}, 'prefix': 'other_', 'ttl': '3 hour'} -%}
{%- if execute -%}
{{ warehouse_ml.default___join_as_of(
    spine=instants,
    at='predicted_at',
    views=[warehouse_ml._feature_view(ref('sales')), warehouse_ml._feature_view(other)]
) }}
{%- endif -%}
