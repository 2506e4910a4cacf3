{#- A rule that every row of a relation keeps. A row for which the condition is null breaks it.
    rule: the rule in words, as it goes on after the relation's name · condition: SQL · remedy: what to do. -#}
{% test every_row(model, rule, condition, remedy='correct the rows in its source and run again') %}

with validation_errors as (

    select 1 as error
    from {{ model }}
    where not coalesce({{ condition }}, false)

)

{{ warehouse_ml._report_errors(
    rule=model.identifier ~ ' ' ~ rule,
    errors='row(s) that break it',
    remedy=remedy
) }}

{% endtest %}
