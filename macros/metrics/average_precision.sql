{#- Average precision: precision at each distinct score from the highest down, weighted by the recall it adds.
    One row per group: the columns of `by`, metric_value; null where no positive row has weight or a score is not finite.

    rows: relation or subquery · label: column, 1 or 0 · score: column · weight: column or expression
    · by: list of columns to group by. -#}
{% macro average_precision(rows, label='label', score='score', weight='1e0', by=[]) -%}
    {%- set keys = by | join(', ') -%}
with tied as (

    select
        {{ keys ~ ',' if by }}
        {{ score }} as score,
        bool_and(coalesce({{ _is_finite([score, label, weight] | join(' + ')) }}, false)) as is_known,
        sum({{ weight }} * {{ label }}) as positives,
        sum({{ weight }}) as weights
    from {{ rows }} as scored
    group by {{ keys ~ ', ' if by }}{{ score }}

),

ranked as (

    select
        {{ keys ~ ',' if by }}
        is_known,
        positives,
        sum(positives) over from_the_top as positives_so_far,
        sum(weights) over from_the_top as weights_so_far
    from tied
    window
        from_the_top as (
            {{ 'partition by ' ~ keys if by }}
            order by score desc
            rows between unbounded preceding and current row
        )

)

select
    {{ keys ~ ',' if by }}
    case
        when bool_and(is_known) and sum(positives) > 0
            then sum(positives * (positives_so_far / nullif(weights_so_far, 0))) / sum(positives)
    end as metric_value
from ranked
{{ 'group by ' ~ keys if by }}
{%- endmacro %}
