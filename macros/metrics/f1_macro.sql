{#- Macro F1: the F1 of each class against all others, averaged over the classes that occur as label or prediction; that
    of a class without weight is 0.
    One row per group: the columns of `by`, metric_value; null where a prediction is missing or nothing has weight.

    rows: relation or subquery · label: column · predicted: column with the predicted class
    · weight: column or expression · by: list of columns to group by. -#}
{% macro f1_macro(rows, label='label', predicted='predicted', weight='1e0', by=[]) -%}
    {%- set keys = by | join(', ') ~ ',' if by else '' -%}
with counted as (

    select
        {{ keys }}
        {{ label }} as class,
        sum({{ weight }} * case when {{ predicted }} = {{ label }} then 1e0 else 0e0 end) as hits,
        sum({{ weight }}) as occurrences
    from {{ rows }} as scored
    group by {{ keys }} {{ label }}
    union all
    select
        {{ keys }}
        {{ predicted }} as class,
        0e0 as hits,
        sum({{ weight }}) as occurrences
    from {{ rows }} as scored
    group by {{ keys }} {{ predicted }}

),

by_class as (

    select
        {{ keys }}
        class,
        sum(occurrences) as occurrences,
        coalesce(2 * sum(hits) / nullif(sum(occurrences), 0), 0) as class_f1
    from counted
    group by {{ keys }} class

)

select
    {{ keys }}
    case when bool_and(class is not null) and sum(occurrences) > 0 then avg(class_f1) end as metric_value
from by_class
{{ 'group by ' ~ by | join(', ') if by }}
{%- endmacro %}
