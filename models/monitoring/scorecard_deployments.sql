{{ config(materialized='view') }}

-- What had become of deployments when a build ended: how many failed, how many there were in 30 days, how long a
-- failure lasted.
with builds as (

    select * from {{ ref('scorecard_builds').render() }}

),

deployments as (

    select * from {{ ref('deployments').render() }}

),

summed as (

    select
        builds.dbt_invocation_id,
        deployments.model_name,
        1e0 - count(*) filter (where deployments.is_failed) / cast(count(*) as double) as reliability,
        count(*) filter (
            where not deployments.is_failed and deployments.deployed_at > builds.ended_at - interval '30' day
        ) as deployments_per_month,
        avg(case
            when deployments.is_incident and deployments.recovered_at <= builds.ended_at
                then {{ minutes_between('deployments.deployed_at', 'deployments.recovered_at') }} / 60e0
        end) as hours_to_recover,
        count(*) filter (
            where not deployments.is_failed and deployments.dbt_invocation_id = builds.dbt_invocation_id
        ) > 0 as is_deployed
    from builds
    inner join deployments
        on builds.ended_at >= deployments.deployed_at
    group by 1, 2

)

select * from summed
