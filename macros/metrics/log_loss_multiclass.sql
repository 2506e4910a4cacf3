{#- Log loss over several classes: the mean negative logarithm of the probability given to the class that happened,
    clipped to 2.2e-16 from 0 and 1.
    One row per group: the columns of `by`, metric_value; null where a score is no probability or nothing has weight.

    rows: relation or subquery · probability: column, the probability of the row's label
    · weight: column or expression · by: list of columns to group by. -#}
{% macro log_loss_multiclass(rows, probability='probability', weight='1e0', by=[]) -%}
    {{ warehouse_ml._weighted_mean(rows, warehouse_ml._log_loss_of(probability), weight, by) }}
{%- endmacro %}
