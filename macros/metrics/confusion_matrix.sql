{#- Confusion matrix: how many rows of each label were predicted to be of each class.
    One row per group, label and predicted class that occur together: the columns of `by`, actual, predicted, row_count.

    rows: relation or subquery · label: column · predicted: column with the predicted class
    · by: list of columns to group by. -#}
{% macro confusion_matrix(rows, label='label', predicted='predicted', by=[]) -%}
    {%- set keys = by | join(', ') ~ ',' if by else '' -%}
select
    {{ keys }}
    {{ label }} as actual,
    {{ predicted }} as predicted,
    count(*) as row_count
from {{ rows }} as scored
group by {{ keys }} {{ label }}, {{ predicted }}
{%- endmacro %}
