{#- The grain of a relation: one row per combination of columns.
    columns: list of column names; one in quotation marks is taken as it is. -#}
{% test unique_combination(model, columns) %}
{%- set names = [] -%}
{%- for column in columns -%}
    {%- do names.append(column if column[:1] in ('"', '`') else warehouse_ml._quoted(column)) -%}
{%- endfor %}

with validation_errors as (

    select {{ names | join(', ') }}
    from {{ model }}
    group by {{ names | join(', ') }}
    having count(*) > 1

)

{{ warehouse_ml._report_errors(
    rule=model.identifier ~ ' must have one row per ' ~ columns | join(', '),
    errors='combination(s) more than once',
    remedy='remove the repeated rows from its source and run again'
) }}

{% endtest %}
