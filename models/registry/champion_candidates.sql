with claims as (

    select * from {{ ref('champion_claims') }}

),

pins as (

    select * from {{ ref('checked_pins') }}

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
