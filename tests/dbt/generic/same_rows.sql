{#- Two relations hold the same combinations of some columns: none lost, none added.
    other: relation to compare with · columns: list of column names in both. -#}
{% test same_rows(model, other, columns) %}

with validation_errors as (

    (
        select {{ columns | join(', ') }} from {{ model }}
        except
        select {{ columns | join(', ') }} from {{ other }}
    )
    union all
    (
        select {{ columns | join(', ') }} from {{ other }}
        except
        select {{ columns | join(', ') }} from {{ model }}
    )

)

{{ warehouse_ml._report_errors(
    rule=model.identifier ~ ' must have the same ' ~ columns | join(', ') ~ ' as ' ~ other.identifier,
    errors='combination(s) in only one of the two',
    remedy='build both again'
) }}

{% endtest %}
