{{ config(materialized='view') }}

-- A deployment of a model is a decision that changes the version that scores, or refuses to; one of the pipeline is
-- a build.
with decisions as (

    select * from {{ ref('model_decisions').render() }}

),

runs as (

    select * from {{ ref('pipeline_runs').render() }}

),

changes as (

    select
        model_name,
        'decision ' || cast(sequence as varchar) as deployment_id,
        dbt_invocation_id,
        version,
        action in ('refuse', 'refuse_pin') as is_failed,
        decided_at as deployed_at
    from decisions
    window by_model as (partition by model_name order by sequence asc)
    qualify
        action in ('refuse', 'refuse_pin')
        or version is distinct from lag(version) over by_model

),

builds as (

    select
        cast(null as varchar) as model_name,
        dbt_invocation_id as deployment_id,
        dbt_invocation_id,
        cast(null as integer) as version,
        status <> 'success' as is_failed,
        coalesce(ended_at, found_killed_at) as deployed_at
    from runs
    where command in ('build', 'run') and not is_without_data and status <> 'running'

),

deployments as (

    select * from changes
    union all
    select * from builds

),

recovered as (

    select
        *,
        is_failed and not coalesce(lag(is_failed) over by_time, false) as is_incident,
        case
            when is_failed and not coalesce(lag(is_failed) over by_time, false)
                then min(case when not is_failed then deployed_at end) over (
                    partition by model_name
                    order by deployed_at asc, deployment_id asc
                    rows between 1 following and unbounded following
                )
        end as recovered_at
    from deployments
    window by_time as (partition by model_name order by deployed_at asc, deployment_id asc)

)

select * from recovered
