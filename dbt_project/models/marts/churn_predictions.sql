-- The next renewal of each subscription, with what is known of it by then.
with renewals as (

    select
        subscription_id,
        renews_at
    from {{ warehouse_ml.accepted_rows(ref('subscriptions')) | indent(4) }} as subscriptions
    where is_churned is null

),

features as (

    {{ warehouse_ml.point_in_time_join(
        spine='renewals',
        at='renews_at',
        views=[ref('subscription_usage')]
    ) | indent(4) }}

),

predictions as (

    {{ warehouse_ml.predict(ref('churn'), 'features') | indent(4) }}

)

select
    subscription_id,
    prediction as probability,
    model_version,
    renews_at,
    scored_at
from predictions
