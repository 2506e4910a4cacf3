with changes as (

    select * from {{ ref('int_departures_queued') }}

),

rolled as (

    select distinct
        origin_airport_id,
        changed_at as event_at,
        changed_at as known_at,
        cast(sum(queue_change) over so_far as integer) as origin_overdue_departures
    from changes
    window
        so_far as (
            partition by origin_airport_id
            order by changed_at asc
            range between unbounded preceding and current row
        )

)

select * from rolled
