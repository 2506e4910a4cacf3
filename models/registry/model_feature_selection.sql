with judged as (

    select * from {{ _versions_of_all(
        ['unnest(feature_selection) as entry', 'generate_subscripts(feature_selection, 1) as feature_number']
    ) | indent(4) }}

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
