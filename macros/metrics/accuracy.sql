{#- Accuracy: the share of rows whose label is the one predicted, 1 where the probability is above one half.
    One row per group: the columns of `by`, metric_value.

    rows: relation or subquery · label: column, 1 or 0 · score: column, the probability of 1
    · weight: column or expression · by: list of columns to group by. -#}
{% macro accuracy(rows, label='label', score='score', weight='1e0', by=[]) -%}
select
    {{ by | join(', ') ~ ',' if by }}
    sum({{ weight }} * case when ({{ score }} > 0.5e0) = ({{ label }} = 1) then 1e0 else 0e0 end)
    / sum({{ weight }}) as metric_value
from {{ rows }} as scored
{{ 'group by ' ~ by | join(', ') if by }}
{%- endmacro %}
