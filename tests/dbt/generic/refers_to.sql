{#- A column names only what another relation has; null names nothing.
    column_name: the column · to: relation · field: its column. -#}
{% test refers_to(model, column_name, to, field) %}

with validation_errors as (

    select referring.{{ column_name }}
    from {{ model }} as referring
    left join {{ to }} as referred
        on referring.{{ column_name }} = referred.{{ field }}
    where referring.{{ column_name }} is not null and referred.{{ field }} is null

)

{{ warehouse_ml.report_errors(
    rule=model.identifier ~ ' must name as ' ~ column_name ~ ' only what ' ~ to.identifier ~ ' has',
    found='row(s) with another',
    remedy='correct the rows in its source, or add what they name to that of ' ~ to.identifier ~ ', and run again'
) }}

{% endtest %}
