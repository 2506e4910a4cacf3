with versions as (

    select * from {{ ref('model_versions') }}

),

failed as (

    select distinct
        model_name,
        version
    from {{ ref('model_gates') }}
    where not is_passed

),

passed as (

    select
        versions.model_name,
        versions.version,
        versions.created_at
    from versions
    left join failed
        on
            versions.model_name = failed.model_name
            and versions.version = failed.version
    where failed.version is null

),

newest as (

    select * from passed
    qualify row_number() over (partition by model_name order by version desc) = 1

)

select * from newest
