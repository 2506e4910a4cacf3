-- Every feature of every feature view: as declared, and as found in this build.
{%- do check_feature_views(built=flags.WHICH in ('build', 'run')) %}
with measured as (

    {%- for name in feature_views() %}
    {{ measured_features(name) | indent(4) }}
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as varchar) as view_name,
        cast(null as varchar) as entity,
        cast(null as varchar) as feature,
        cast(null as varchar) as data_type,
        cast(null as varchar) as description,
        cast(null as varchar) as null_rule,
        cast(null as varchar) as owner,
        cast(null as varchar) as ttl,
        cast(null as varchar []) as source_models,
        cast(null as varchar []) as used_by_models,
        cast(null as bigint) as row_count,
        cast(null as double) as null_rate,
        cast(null as timestamp) as first_event_at,
        cast(null as timestamp) as last_event_at
    where false
    {%- endfor %}

)

select * from measured
