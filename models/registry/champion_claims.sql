with passing as (

    select * from {{ ref('passing_versions') }}

),

promotions as (

    select * from {{ ref('model_promotions') }}

),

pins as (

    select * from {{ ref('checked_pins') }}

),

newest as (

    select
        model_name,
        max(version) as version,
        'gates' as reason,
        3 as precedence
    from passing
    group by 1

),

latest_decisions as (

    select * from promotions
    qualify row_number() over (partition by model_name order by decided_at desc) = 1

),

promoted as (

    select
        model_name,
        version,
        action || case when is_forced then ' (forced): ' else ': ' end || reason as reason,
        2 as precedence
    from latest_decisions
    where action <> 'release'

),

pinned as (

    select
        model_name,
        version,
        'pin: ' || coalesce(reason, 'no reason given') as reason,
        1 as precedence
    from pins
    where refusal is null

),

claims as (

    select * from newest
    union all
    select * from promoted
    union all
    select * from pinned

)

select * from claims
