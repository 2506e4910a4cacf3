{#- Area under the ROC curve: the probability that a positive row scores above a negative one, ties counting half.
    One row per group: the columns of `by`, metric_value; null where a group has one class only.

    rows: relation or subquery · label: column, 1 or 0 · score: column · weight: column or expression
    · by: list of columns to group by. -#}
{% macro roc_auc(rows, label='label', score='score', weight='1e0', by=[]) -%}
    {%- set keys = by | join(', ') -%}
with tied as (

    select
        {{ keys ~ ',' if by }}
        {{ score }} as score,
        sum({{ weight }} * {{ label }}) as positives,
        sum({{ weight }} * (1 - {{ label }})) as negatives
    from {{ rows }} as scored
    group by {{ keys ~ ', ' if by }}{{ score }}

),

ranked as (

    select
        {{ keys ~ ',' if by }}
        positives,
        negatives,
        sum(negatives) over (
            {{ 'partition by ' ~ keys if by }}
            order by score asc
            rows between unbounded preceding and current row
        ) - negatives as negatives_below
    from tied

)

select
    {{ keys ~ ',' if by }}
    sum(positives * (negatives_below + negatives / 2)) / nullif(sum(positives) * sum(negatives), 0) as metric_value
from ranked
{{ 'group by ' ~ keys if by }}
{%- endmacro %}
