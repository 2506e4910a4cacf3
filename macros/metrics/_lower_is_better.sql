{#- Whether a lower value of a metric is a better one, as a SQL condition.
    metric: column with the metric's name. -#}
{% macro _lower_is_better(metric) -%}
    {{ metric }} in ('brier', 'flagged_share', 'log_loss', 'mae', 'mape', 'pinball', 'rmse')
{%- endmacro %}
