with observations as (

    select * from {{ ref('base_weather') }}

),

known as (

    select *
    from observations
    where {{ is_known('observation_known_at') }}

)

select * from known
