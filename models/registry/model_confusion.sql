with counted as (

    {% for name in ml_models() %}
    select
        model_name,
        version,
        unnest(confusion) as entry
    from {{ ref(project_name, name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

confusion as (

    select
        model_name,
        version,
        entry.dataset,
        entry.actual,
        entry.predicted,
        entry.rows as row_count
    from counted

)

select * from confusion
