with declared as (

    {{ declared_gates() | indent(4) }}

),

versions as (

    select * from {{ ref('model_versions') }}

),

stored as (

    select * from {{ ref('stored_gates') }}

),

-- Gates that no YAML has to name; it can only do without the one against the constant baseline.
implied as (

    select * replace ('error' as severity)
    from stored
    where is_implied and not (comparison = 'must_beat_constant' and {{ may_lose_to_constant('model_name') }})

),

asked as (

    select
        versions.version,
        declared.*,
        true as is_declared_today
    from versions
    inner join declared on versions.model_name = declared.model_name
    union all by name
    select
        * exclude (is_implied),
        true as is_declared_today
    from implied
    union all by name
    select
        * exclude (is_implied),
        false as is_declared_today
    from stored
    where severity <> 'off'

),

gates as (

    select
        model_name,
        version,
        metric,
        dataset,
        comparison,
        slice_column,
        threshold,
        slice_min_rows,
        severity,
        bool_or(is_declared_today) as is_declared_today,
        bool_or(not is_declared_today) as is_declared_at_training
    from asked
    group by all

)

select * from gates
