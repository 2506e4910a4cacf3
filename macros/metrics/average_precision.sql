{#- Average precision: precision at each distinct score from the highest down, weighted by the recall it adds.
    One row per group: the columns of `by`, metric_value; null where no positive row has weight or a score is not finite.

    rows: relation or subquery · label: column, 1 or 0 · score: column · weight: column or expression
    · by: list of columns to group by. -#}
{% macro average_precision(rows, label='label', score='score', weight='1e0', by=[]) -%}
    {%- set keys = by | join(', ') -%}
    {%- set partition = 'partition by ' ~ keys if by else '' -%}
with tied as (

    select
        {{ keys ~ ',' if by }}
        {{ score }} as score,
        bool_and(coalesce({{ warehouse_ml._is_finite([score, label, weight] | join(' + ')) }}, false)) as is_known,
        sum({{ weight }} * {{ label }}) as positives,
        sum({{ weight }}) as weights
    from {{ rows }} as scored
    group by {{ keys ~ ', ' if by }}{{ score }}

),

-- Sums of weights near the ends of a double's range would overflow or lose digits; between them nothing is scaled, as the
-- weights of a class may be a small part of all.
sized as (

    select
        *,
        case
            when max(weights) over ({{ partition }}) > 1e300 then max(weights) over ({{ partition }}) / 1e300
            when max(weights) over ({{ partition }}) < 1e-290 then max(weights) over ({{ partition }})
            else 1e0
        end as size
    from tied

),

scaled as (

    select
        {{ keys ~ ',' if by }}
        score,
        is_known,
        positives / nullif(max(positives) over ({{ partition }}), 0) as recalled,
        positives / nullif(size, 0) as positives,
        weights / nullif(size, 0) as weights
    from sized

),

ranked as (

    select
        {{ keys ~ ',' if by }}
        is_known,
        recalled,
        sum(positives) over from_the_top as positives_so_far,
        sum(weights) over from_the_top as weights_so_far
    from scaled
    window
        from_the_top as (
            {{ partition }}
            order by score desc
            rows between unbounded preceding and current row
        )

)

select
    {{ keys ~ ',' if by }}
    case
        when bool_and(is_known) and sum(recalled) > 0
            then sum(recalled * (positives_so_far / nullif(weights_so_far, 0))) / sum(recalled)
    end as metric_value
from ranked
{{ 'group by ' ~ keys if by }}
{%- endmacro %}
