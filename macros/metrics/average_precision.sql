{#- Average precision: precision at each distinct score from the highest down, weighted by the recall it adds.
    One row per group: the columns of `by`, metric_value; null where no positive row has weight or a score is not finite.

    rows: relation or subquery · label: column, 1 or 0 · score: column · weight: column or expression
    · by: list of columns to group by. -#}
{% macro average_precision(rows, label='label', score='score', weight='1e0', by=[]) -%}
{{ warehouse_ml._average_precision_of('(' ~ warehouse_ml._ranking(rows, label, score, weight, by) ~ ')', by) }}
{%- endmacro %}
