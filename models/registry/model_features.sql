with described as (

    select * from {{ _versions_of_all(
        ['unnest(training_snapshot.features) as entry', 'generate_subscripts(training_snapshot.features, 1) as feature_number']
    ) | indent(4) }}

),

importances as (

    select * from {{ _versions_of_all(
        ['unnest(feature_importance) as entry']
    ) | indent(4) }}

),

features as (

    select
        described.model_name,
        described.version,
        described.entry.name as feature,
        described.entry.type as feature_type,
        cast(described.feature_number as integer) as feature_number,
        importances.entry.gain,
        importances.entry.splits,
        described.entry.nulls as null_count,
        described.entry.distinct_values,
        described.entry.mean,
        described.entry.stddev,
        described.entry.min as lowest,
        described.entry.max as highest
    from described
    left join importances
        on
            described.model_name = importances.model_name
            and described.version = importances.version
            and described.entry.name = importances.entry.feature

)

select * from features
