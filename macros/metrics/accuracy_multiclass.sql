{#- Accuracy over several classes: the share of rows whose label is the class predicted.
    One row per group: the columns of `by`, metric_value; null where a prediction is missing or nothing has weight.

    rows: relation or subquery · label: column · predicted: column with the predicted class
    · weight: column or expression · by: list of columns to group by. -#}
{% macro accuracy_multiclass(rows, label='label', predicted='predicted', weight='1e0', by=[]) -%}
    {%- set value = 'case when ' ~ predicted ~ ' = ' ~ label ~ ' then 1e0 when ' ~ predicted ~ ' <> ' ~ label
        ~ ' then 0e0 end' -%}
    {{ warehouse_ml._weighted_mean(rows, value, weight, by) }}
{%- endmacro %}
