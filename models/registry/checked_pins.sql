-- A pin must name one version that exists and whose artifact is the one that was trained.
with pins as (

    select * from {{ ref(project_name, 'model_pins') }}

),

pinned_versions as (

    {% for name in ml_models() %}
    select
        trained.model_name,
        trained.version,
        coalesce(sha256(trained.artifact) = trained.artifact_sha256, false) as is_intact
    from {{ ref(project_name, name) }} as trained
    where trained.version in (select pins.version from pins)
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
        end as refusal
    from pins
    left join known on pins.model_name = known.model_name
    left join pinned_versions
        on
            pins.model_name = pinned_versions.model_name
            and pins.version = pinned_versions.version

)

select * from checked
