{#- Root of the mean squared error, in the label's unit.
    One row per group: the columns of `by`, metric_value; null where a score is not finite, an error is beyond 1e154, or
    nothing has weight.

    rows: relation or subquery · label: column · score: column, the value predicted · weight: column or expression
    · by: list of columns to group by. -#}
{% macro rmse(rows, label='label', score='score', weight='1e0', by=[]) -%}
select
    {{ by | join(', ') ~ ',' if by }}
    sqrt(metric_value) as metric_value
from (
    {{ warehouse_ml._weighted_mean(rows, 'power(' ~ score ~ ' - ' ~ label ~ ', 2)', weight, by) | indent(4) }}
) as squared
{%- endmacro %}
