{#- Mean absolute error relative to the label, 0.1 being ten percent; labels nearer to 0 than 2.2e-16 count as that.
    One row per group: the columns of `by`, metric_value; null where a score is not finite or nothing has weight.

    rows: relation or subquery · label: column · score: column, the value predicted · weight: column or expression
    · by: list of columns to group by. -#}
{% macro mape(rows, label='label', score='score', weight='1e0', by=[]) -%}
    {%- set value = 'abs(' ~ score ~ ' - ' ~ label ~ ') / greatest(abs(' ~ label ~ '), 2.220446049250313e-16)' -%}
    {{ warehouse_ml._weighted_mean(rows, value, weight, by) }}
{%- endmacro %}
