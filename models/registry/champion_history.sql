-- render() leaves out what --empty and --sample add to a reference: a view of the registry outlasts such a build.
with decisions as (

    select * from {{ ref('model_decisions').render() }}

),

-- A decision that names the version that scores already ends no period. The sequence orders them, never the clock.
changes as (

    select * from decisions
    window by_sequence as (partition by model_name order by sequence asc)
    qualify
        version is distinct from lag(version) over by_sequence
        or row_number() over by_sequence = 1

),

periods as (

    select
        model_name,
        version,
        action,
        reason,
        sequence,
        decided_at as live_from_at,
        lead(decided_at) over by_sequence as live_until_at,
        lead(sequence) over by_sequence is null as is_last,
        decided_by,
        dbt_invocation_id,
        git_commit
    from changes
    window by_sequence as (partition by model_name order by sequence asc)

)

select * from periods
