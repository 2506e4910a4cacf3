{#- Log loss: the mean negative logarithm of the probability of what happened, clipped to 2.2e-16 from 0 and 1.
    One row per group: the columns of `by`, metric_value; null where a score is no probability or nothing has weight.

    rows: relation or subquery · label: column, 1 or 0 · score: column, the probability of 1
    · weight: column or expression · by: list of columns to group by. -#}
{% macro log_loss(rows, label='label', score='score', weight='1e0', by=[]) -%}
    {%- set probability = 'case when ' ~ label ~ ' = 1 then ' ~ score ~ ' when ' ~ label ~ ' = 0 then 1 - ' ~ score ~ ' end' -%}
    {{ warehouse_ml._weighted_mean(rows, warehouse_ml._log_loss_of(probability), weight, by) }}
{%- endmacro %}
