with judged as (

    {% for name in ml_models() %}
    select
        model_name,
        version,
        unnest(feature_selection) as entry,
        generate_subscripts(feature_selection, 1) as feature_number
    from {{ ref(project_name, name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

features as (

    select
        model_name,
        version,
        entry.feature,
        entry.reason,
        cast(feature_number as integer) as feature_number,
        entry.value as measured_value,
        entry.is_selected
    from judged

)

select * from features
