with periods as (

    select * from {{ ref('champion_history').render() }}

),

live as (

    select
        model_name,
        version,
        reason,
        live_from_at as decided_at
    from periods
    where is_last and version is not null

)

select * from live
