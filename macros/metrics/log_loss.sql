{#- Log loss: the mean negative logarithm of the probability of what happened, clipped to 2.2e-16 from 0 and 1.
    One row per group: the columns of `by`, metric_value.

    rows: relation or subquery · label: column, 1 or 0 · score: column, the probability of 1
    · weight: column or expression · by: list of columns to group by. -#}
{% macro log_loss(rows, label='label', score='score', weight='1e0', by=[]) -%}
select
    {{ by | join(', ') ~ ',' if by }}
    -sum(
        {{ weight }} * ln(least(greatest(
            case when {{ label }} = 1 then {{ score }} else 1 - {{ score }} end, 2.220446049250313e-16
        ), 1 - 2.220446049250313e-16))
    ) / sum({{ weight }}) as metric_value
from {{ rows }} as scored
{{ 'group by ' ~ by | join(', ') if by }}
{%- endmacro %}
