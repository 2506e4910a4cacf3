with counted as (

    select * from {{ _versions_of_all(
        ['unnest(confusion) as entry']
    ) | indent(4) }}

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
