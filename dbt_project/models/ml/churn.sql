-- One training row per renewal that is over, with what was known of the subscription by then.
with renewals as (

    select
        concat(subscription_id, ' ', month) as renewal_id,
        subscription_id,
        renews_at,
        is_churned
    from {{ warehouse_ml.accepted_rows(ref('subscriptions')) | indent(4) }} as subscriptions
    where is_churned is not null and {{ warehouse_ml.is_known('renews_at') }}

),

features as (

    {{ warehouse_ml.point_in_time_join(
        spine='renewals',
        at='renews_at',
        views=[ref('subscription_usage')]
    ) | indent(4) }}

)

select {{ warehouse_ml.all_but(['subscription_id', 'subscription_usage_age_minutes']) }}
from features
