{#- Brier score over several classes: the mean, over rows, of the squared distances of all probabilities from what
    happened, summed over the classes; from 0 to 2.
    One row per group: the columns of `by`, metric_value; null where a score is not finite or nothing has weight.

    rows: relation or subquery · probability: column, the probability of the row's label
    · squares: column, the sum of the squared probabilities of all classes · weight: column or expression
    · by: list of columns to group by. -#}
{% macro brier_multiclass(rows, probability='probability', squares='squares', weight='1e0', by=[]) -%}
    {{ warehouse_ml._weighted_mean(rows, squares ~ ' - 2 * ' ~ probability ~ ' + 1', weight, by) }}
{%- endmacro %}
