{#- Accuracy: the share of rows whose label is the one predicted, 1 where the probability is above one half.
    One row per group: the columns of `by`, metric_value; null where a score is not finite or nothing has weight.

    rows: relation or subquery · label: column, 1 or 0 · score: column, the probability of 1
    · weight: column or expression · by: list of columns to group by. -#}
{% macro accuracy(rows, label='label', score='score', weight='1e0', by=[]) -%}
    {%- set is_right = '(' ~ score ~ ' > 0.5e0) = (' ~ label ~ ' = 1)' -%}
    {%- set value = 'case when ' ~ warehouse_ml._is_finite(score ~ ' + ' ~ label) ~ ' then case when ' ~ is_right ~ ' then 1e0 else 0e0 end end' -%}
    {{ warehouse_ml._weighted_mean(rows, value, weight, by) }}
{%- endmacro %}
