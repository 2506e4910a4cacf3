{#- A model holds as many rows as were accepted of a raw table in the last build.
    raw_table: name as in `raw_tables` · data_quality: the model of that name. -#}
{% test has_accepted_rows(model, raw_table, data_quality) %}

with validation_errors as (

    select accepted_rows
    from {{ data_quality }}
    where
        table_name = '{{ raw_table }}'
        and measured_at = (select max(measured_at) from {{ data_quality }})
        and accepted_rows <> (select count(*) from {{ model }})

)

{{ warehouse_ml.report_errors(
    rule=model.identifier ~ ' must have the accepted rows of ' ~ raw_table ~ ', no more and no less',
    found='count that differs',
    remedy='build both again'
) }}

{% endtest %}
