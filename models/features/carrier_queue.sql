{{ by_increments('known_at', margin='7 day') }}

with changes as (

    -- A flight that joined more than six hours before has left.
    select * from {{ ref('int_departures_queued') }}
    where {{ in_increment('joined_at', history='6 hour') }}

),

rolled as (

    select distinct
        airline_id,
        origin_airport_id,
        changed_at as event_at,
        changed_at as known_at,
        cast(sum(queue_change) over so_far as integer) as carrier_overdue_departures
    from changes
    window
        so_far as (
            partition by airline_id, origin_airport_id
            order by changed_at asc
            range between unbounded preceding and current row
        )

)

select * from rolled
where {{ in_increment('known_at') }}
