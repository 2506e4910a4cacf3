-- A month's report is true when the month ends, and known when it arrives: one in fifty is late.
with reports as (

    select
        subscription_id,
        plan,
        channel,
        discount_percent,
        months_subscribed,
        active_days,
        support_tickets,
        cast(month as timestamp) + interval '1' month as event_at,
        reported_at as known_at
    from {{ warehouse_ml.accepted_rows(ref('subscriptions')) | indent(4) }} as subscriptions
    where {{ warehouse_ml.is_known('reported_at') }}

),

-- 80 days hold the three latest reports.
rolled as (

    {{ warehouse_ml.rolling_aggregate(
        relation='reports',
        keys='subscription_id',
        at='known_at',
        measures={'support_tickets': {'sum': 'support_tickets'}},
        windows={'80d': '80 day'},
        with_itself=true
    ) | indent(4) }}

)

select * from rolled
