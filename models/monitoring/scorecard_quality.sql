{{ config(materialized='view') }}

-- The data quality of each build, and of the raw tables of each model in it: what was measured last by its end.
with builds as (

    select * from {{ ref('scorecard_builds').render() }}

),

measured as (

    select
        builds.dbt_invocation_id,
        quality.table_name,
        quality.input_rows,
        quality.score
    from builds
    inner join {{ ref('data_quality').render() }} as quality
        on builds.ended_at >= quality.measured_at
    qualify
        row_number() over (
            partition by builds.dbt_invocation_id, quality.table_name
            order by quality.measured_at desc
        ) = 1

),

read_by as (

    select distinct
        dbt_invocation_id,
        model_name,
        unnest(raw_tables) as table_name
    from (
        select
            dbt_invocation_id,
            raw_tables,
            unnest(models) as model_name
        from {{ ref('pipeline_nodes').render() }}
    ) as by_model

),

tables as (

    select
        dbt_invocation_id,
        cast(null as varchar) as model_name,
        input_rows,
        score
    from measured
    union all
    select
        measured.dbt_invocation_id,
        read_by.model_name,
        measured.input_rows,
        measured.score
    from measured
    inner join read_by
        on
            measured.dbt_invocation_id = read_by.dbt_invocation_id
            and measured.table_name = read_by.table_name

),

scored as (

    select
        dbt_invocation_id,
        model_name,
        sum(score * input_rows) / nullif(sum(input_rows) filter (where score is not null), 0) as data_quality_score
    from tables
    group by 1, 2

)

select * from scored
