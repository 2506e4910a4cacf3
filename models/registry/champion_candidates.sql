with versions as (

    select * from {{ ref('model_versions') }}

),

gates as (

    select * from {{ ref('model_gates') }}
    where severity = 'error'

),

promotions as (

    select * from {{ ref('model_promotions') }}

),

pins as (

    select * from {{ ref('checked_pins') }}

),

held as (

    select
        model_name,
        version,
        bool_and(is_passed or not is_declared_at_training) as met_at_training,
        bool_and(is_passed or not is_declared_today) as meets_today
    from gates
    group by 1, 2

),

-- Every version has gates, parity at least. One that scored yesterday is not stopped by a gate tightened today.
newest as (

    select
        versions.model_name,
        versions.version,
        'gates' as reason,
        3 as precedence
    from versions
    inner join held
        on
            versions.model_name = held.model_name
            and versions.version = held.version
    where held.met_at_training or held.meets_today
    qualify row_number() over (partition by versions.model_name order by versions.version desc) = 1

),

latest_decisions as (

    select * from promotions
    qualify row_number() over (partition by model_name order by decided_at desc) = 1

),

promoted as (

    select
        model_name,
        version,
        action || ': ' || reason as reason,
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

),

-- Under a refused pin the champion stays what it is: there is no candidate.
refused as (

    select distinct model_name
    from pins
    where refusal is not null

),

candidates as (

    select
        claims.model_name,
        claims.version,
        claims.reason
    from claims
    left join refused on claims.model_name = refused.model_name
    where refused.model_name is null
    qualify row_number() over (partition by claims.model_name order by claims.precedence asc) = 1

)

select * from candidates
