{#- No raw row is lost: in every build the input rows of every table are those accepted and those in quarantine. It goes on the
    model data_quality. -#}
{% test rows_accounted_for(model) %}

with validation_errors as (

    select table_name
    from {{ model }}
    where input_rows <> accepted_rows + quarantined_rows

)

{{ warehouse_ml._report_errors(
    rule='data_quality must count as many input rows as accepted and quarantined ones',
    errors='table(s) of which it does not',
    remedy='see staging.quarantine and the raw_contract of the table'
) }}

{% endtest %}
