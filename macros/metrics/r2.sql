{#- R²: one minus the squared error over that of the labels' own mean; null where all labels are equal.
    One row per group: the columns of `by`, metric_value.

    rows: relation or subquery · label: column · score: column, the value predicted · weight: column or expression
    · by: list of columns to group by. -#}
{% macro r2(rows, label='label', score='score', weight='1e0', by=[]) -%}
    {%- set keys = by | join(', ') -%}
    {%- set over = '(partition by ' ~ keys ~ ')' if by else '()' -%}
with centred as (

    select
        {{ keys ~ ',' if by }}
        {{ weight }} as weight,
        {{ label }} - {{ score }} as error,
        {{ label }} - sum({{ weight }} * {{ label }}) over {{ over }} / sum({{ weight }}) over {{ over }} as distance
    from {{ rows }} as scored

)

select
    {{ keys ~ ',' if by }}
    1 - sum(weight * power(error, 2)) / nullif(sum(weight * power(distance, 2)), 0) as metric_value
from centred
{{ 'group by ' ~ keys if by }}
{%- endmacro %}
