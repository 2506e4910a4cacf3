{#- Brier score: the mean squared distance of the probability from what happened.
    One row per group: the columns of `by`, metric_value; null where a score is not finite or nothing has weight.

    rows: relation or subquery · label: column, 1 or 0 · score: column, the probability of 1
    · weight: column or expression · by: list of columns to group by. -#}
{% macro brier(rows, label='label', score='score', weight='1e0', by=[]) -%}
    {{ warehouse_ml._weighted_mean(rows, 'power(' ~ score ~ ' - ' ~ label ~ ', 2)', weight, by) }}
{%- endmacro %}
