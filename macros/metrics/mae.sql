{#- Mean absolute error, in the label's unit.
    One row per group: the columns of `by`, metric_value.

    rows: relation or subquery · label: column · score: column, the value predicted · weight: column or expression
    · by: list of columns to group by. -#}
{% macro mae(rows, label='label', score='score', weight='1e0', by=[]) -%}
select
    {{ by | join(', ') ~ ',' if by }}
    sum({{ weight }} * abs({{ score }} - {{ label }})) / sum({{ weight }}) as metric_value
from {{ rows }} as scored
{{ 'group by ' ~ by | join(', ') if by }}
{%- endmacro %}
