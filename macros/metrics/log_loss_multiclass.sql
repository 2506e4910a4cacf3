{#- Log loss over several classes: the mean negative logarithm of the probability given to the class that happened,
    clipped to 2.2e-16 from 0 and 1.
    One row per group: the columns of `by`, metric_value.

    rows: relation or subquery · probability: column, the probability of the row's label
    · weight: column or expression · by: list of columns to group by. -#}
{% macro log_loss_multiclass(rows, probability='probability', weight='1e0', by=[]) -%}
select
    {{ by | join(', ') ~ ',' if by }}
    -sum(
        {{ weight }} * ln(least(greatest({{ probability }}, 2.220446049250313e-16), 1 - 2.220446049250313e-16))
    ) / sum({{ weight }}) as metric_value
from {{ rows }} as scored
{{ 'group by ' ~ by | join(', ') if by }}
{%- endmacro %}
