with decisions as (

    select * from {{ _decisions_of_all() | indent(4) }}

),

final as (

    select
        model_name,
        sequence,
        version,
        action,
        reason,
        is_forced,
        newest_version,
        passing_versions,
        decided_at,
        decided_by,
        dbt_invocation_id,
        git_commit,
        challenger,
        challenger_share
    from decisions

)

select * from final
