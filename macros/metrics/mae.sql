{#- Mean absolute error, in the label's unit.
    One row per group: the columns of `by`, metric_value; null where a score is not finite or nothing has weight.

    rows: relation or subquery · label: column · score: column, the value predicted · weight: column or expression
    · by: list of columns to group by. -#}
{% macro mae(rows, label='label', score='score', weight='1e0', by=[]) -%}
    {{ warehouse_ml._weighted_mean(rows, 'abs(' ~ score ~ ' - ' ~ label ~ ')', weight, by) }}
{%- endmacro %}
