{#- The values of an entity that count now, to score with: what a point-in-time join gives at this instant, with the same
    columns. A query of one row per entity that any of the views knows: its keys, `latest_at`, the instant of which the
    values are, and each view's features and age. What has outlived its view's ttl by then is null.

    views: a view or list of views of one entity, each as point_in_time_join takes it · at: SQL timestamp in UTC that
    stands for now, where the data end in the past; the var `as_of` goes before it. -#}
{% macro latest_values(views, at=none) -%}
    {%- if execute -%}
        {%- do warehouse_ml._check_blocks() -%}
        {%- set views = [views] if views is mapping else views -%}
        {%- set feature_views = [] -%}
        {%- for entry in views -%}
            {%- do feature_views.append(warehouse_ml._feature_view(entry)) -%}
        {%- endfor -%}
        {%- set keys = feature_views[0]['keys'] | list -%}
        {%- for view in feature_views if view['keys'] | sort != keys | sort -%}
            {{ exceptions.raise_compiler_error(
                'latest_values must have views of one entity, but ' ~ feature_views[0].alias ~ ' has the keys ' ~ keys | join(', ') ~ ' and '
                ~ view.alias ~ ' ' ~ view['keys'] | join(', ') ~ ': write a query for each entity.'
            ) }}
        {%- endfor -%}
        {%- set as_of = warehouse_ml.as_of() -%}
with all_keys as (

    {%- for view in feature_views %}
    select
        {%- for key in keys %}
        {{ warehouse_ml._quoted(view['keys'][key]) }} as {{ warehouse_ml._quoted(key) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ view.relation }}
    {{ 'union' if not loop.last }}
    {%- endfor %}

),

entities as (

    select distinct
        {{ warehouse_ml._quoted_columns(keys) | join(', ') }},
        cast({{ "timestamp '" ~ as_of ~ "'" if as_of else at or warehouse_ml.utc_now() }} as timestamp) as latest_at
    from all_keys
    where {{ warehouse_ml._quoted_columns(keys) | join(' is not null and ') }} is not null

),

latest as (

    {{ warehouse_ml.point_in_time_join('entities', 'latest_at', views) | indent(4) }}

)

select * from latest
    {%- endif -%}
{%- endmacro %}
