with observations as (

    select * from {{ ref('base_weather') }}

),

reported as (

    select *
    from observations
    where {{ is_known('observation_known_at') }}

)

select * from reported
