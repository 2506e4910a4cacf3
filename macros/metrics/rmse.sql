{#- Root mean squared error, in the label's unit.
    One row per group: the columns of `by`, metric_value.

    rows: relation or subquery · label: column · score: column, the value predicted · weight: column or expression
    · by: list of columns to group by. -#}
{% macro rmse(rows, label='label', score='score', weight='1e0', by=[]) -%}
select
    {{ by | join(', ') ~ ',' if by }}
    sqrt(sum({{ weight }} * power({{ score }} - {{ label }}, 2)) / sum({{ weight }})) as metric_value
from {{ rows }} as scored
{{ 'group by ' ~ by | join(', ') if by }}
{%- endmacro %}
