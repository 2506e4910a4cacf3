{#- The grain of a relation: one row per combination of columns.
    columns: list of column names. -#}
{% test unique_combination(model, columns) %}

with validation_errors as (

    select {{ columns | join(', ') }}
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1

)

{{ warehouse_ml._report_errors(
    rule=model.identifier ~ ' must have one row per ' ~ columns | join(', '),
    errors='combination(s) more than once',
    remedy='remove the repeated rows from its source and run again'
) }}

{% endtest %}
