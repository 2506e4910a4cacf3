{#- Brier score: the mean squared distance of the probability from what happened.
    One row per group: the columns of `by`, metric_value.

    rows: relation or subquery · label: column, 1 or 0 · score: column, the probability of 1
    · weight: column or expression · by: list of columns to group by. -#}
{% macro brier(rows, label='label', score='score', weight='1e0', by=[]) -%}
select
    {{ by | join(', ') ~ ',' if by }}
    sum({{ weight }} * power({{ score }} - {{ label }}, 2)) / sum({{ weight }}) as metric_value
from {{ rows }} as scored
{{ 'group by ' ~ by | join(', ') if by }}
{%- endmacro %}
