{{ config(materialized='view') }}

-- The runs that the scorecard has figures of: builds of real data that came to an end.
with runs as (

    select * from {{ ref('pipeline_runs').render() }}

),

builds as (

    select
        dbt_invocation_id,
        started_at,
        ended_at
    from runs
    where command in ('build', 'run') and not is_without_data and status in ('success', 'error')

)

select * from builds
