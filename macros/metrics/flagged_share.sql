{#- Flagged share: the share of rows that are called anomalies.
    One row per group: the columns of `by`, metric_value; null where `flagged` is null or nothing has weight.

    rows: relation or subquery · flagged: column or expression, 1 or 0 · weight: column or expression
    · by: list of columns to group by. -#}
{% macro flagged_share(rows, flagged='flagged', weight='1e0', by=[]) -%}
    {{ warehouse_ml._weighted_mean(rows, flagged, weight, by) }}
{%- endmacro %}
