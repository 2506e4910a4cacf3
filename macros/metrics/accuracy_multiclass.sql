{#- Accuracy over several classes: the share of rows whose label is the class predicted.
    One row per group: the columns of `by`, metric_value.

    rows: relation or subquery · label: column · predicted: column with the predicted class
    · weight: column or expression · by: list of columns to group by. -#}
{% macro accuracy_multiclass(rows, label='label', predicted='predicted', weight='1e0', by=[]) -%}
select
    {{ by | join(', ') ~ ',' if by }}
    sum({{ weight }} * case when {{ predicted }} = {{ label }} then 1e0 else 0e0 end)
    / sum({{ weight }}) as metric_value
from {{ rows }} as scored
{{ 'group by ' ~ by | join(', ') if by }}
{%- endmacro %}
