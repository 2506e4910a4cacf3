with history as (

    select * from {{ ref('champion_history') }}

),

live as (

    select
        model_name,
        version,
        reason,
        decided_at
    from history
    where live_until_at is null

)

select * from live
