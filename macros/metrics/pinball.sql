{#- Pinball loss of a predicted quantile: the mean of q times the error where the label is above the value predicted, and
    of 1 - q times the error where it is below.
    One row per group: the columns of `by`, metric_value; null where a score is not finite or nothing has weight.

    rows: relation or subquery · label: column · score: column, the value predicted · weight: column or expression
    · by: list of columns to group by · quantile: number between 0 and 1. -#}
{% macro pinball(rows, label='label', score='score', weight='1e0', by=[], quantile=0.5) -%}
    {%- set error = label ~ ' - ' ~ score -%}
    {%- set value = 'greatest(' ~ quantile ~ ' * (' ~ error ~ '), (' ~ quantile ~ ' - 1) * (' ~ error ~ '))' -%}
    {{ warehouse_ml._weighted_mean(rows, value, weight, by) }}
{%- endmacro %}
