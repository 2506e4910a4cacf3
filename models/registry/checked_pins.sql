{{ config(materialized='table') }}

-- A pin must name one version that exists and whose row is as it was trained. A table, as only dbt has the function.
with pins as (

    select * from {{ ref(project_name, 'model_pins') }}

),

pinned_versions as (

    {% for name in ml_models() %}
    select
        pins.model_name,
        pins.version,
        coalesce(sha256(trained.artifact) = trained.artifact_sha256, false) as is_intact,
        ml_version_problem('{{ name }}@' || trained.version) as problem
    from {{ ref(project_name, name) }} as trained
    inner join pins
        on
            pins.model_name = '{{ name }}'
            and trained.version = pins.version
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

known as (

    {% for name in ml_models() %}
    select '{{ name }}' as model_name
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

checked as (

    select
        pins.model_name,
        pins.version,
        pins.reason,
        case
            when known.model_name is null then 'there is no such model'
            when count(*) over (partition by pins.model_name) > 1 then 'the model has several pins'
            when pinned_versions.version is null then 'there is no such version'
            when not pinned_versions.is_intact then 'its artifact does not match its SHA-256'
            when pinned_versions.problem is not null then concat('it is damaged (', pinned_versions.problem, ')')
        end as refusal
    from pins
    left join known on pins.model_name = known.model_name
    left join pinned_versions
        on
            pins.model_name = pinned_versions.model_name
            and pins.version = pinned_versions.version

)

select * from checked
