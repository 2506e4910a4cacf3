{#- Area under the ROC curve: the probability that a positive row scores above a negative one, ties counting half.
    One row per group: the columns of `by`, metric_value; null where one class alone has weight or a score is not finite.

    rows: relation or subquery · label: column, 1 or 0 · score: column · weight: column or expression
    · by: list of columns to group by. -#}
{% macro roc_auc(rows, label='label', score='score', weight='1e0', by=[]) -%}
{{ warehouse_ml._roc_auc_of('(' ~ warehouse_ml._ranking(rows, label, score, weight, by) ~ ')', by) }}
{%- endmacro %}
