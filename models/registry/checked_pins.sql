-- A pin must name one version that exists and whose artifact is the one that was trained.
with pins as (

    select * from {{ ref(project_name, 'model_pins') }}

),

pinned_versions as (

    {% for name in ml_models() %}
    select
        model_name,
        version,
        sha256(artifact) = artifact_sha256 as is_intact
    from {{ ref(project_name, name) }}
    where version in (select pins.version from pins where pins.model_name = '{{ name }}')
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

checked as (

    select
        pins.model_name,
        pins.version,
        pins.reason,
        case
            when pins.model_name not in ('{{ ml_models() | join("', '") }}') then 'there is no such model'
            when count(*) over (partition by pins.model_name) > 1 then 'the model has several pins'
            when pinned_versions.version is null then 'there is no such version'
            when not pinned_versions.is_intact then 'its artifact does not match its SHA-256'
        end as refusal
    from pins
    left join pinned_versions
        on
            pins.model_name = pinned_versions.model_name
            and pins.version = pinned_versions.version

)

select * from checked
