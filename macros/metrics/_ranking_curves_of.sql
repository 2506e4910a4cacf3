{#- The curves of a ranking, as ranking_curves has them. One row per group, curve and point: the columns of `by`, curve, x, y, threshold.
    ranking: relation or subquery as _ranking makes it · by: list of columns to group by · points: number of points. -#}
{% macro _ranking_curves_of(ranking, by, points=100) -%}
    {%- set keys = by | join(', ') ~ ',' if by else '' -%}
    {%- set partition = 'partition by ' ~ by | join(', ') if by else '' -%}
with walked as (

    select
        {{ keys }}
        score as threshold,
        positives_so_far,
        negatives_so_far,
        positives_so_far + negatives_so_far * negative_size as weights_so_far,
        positives + negatives > 0 as has_weight,
        bool_and(is_known) over everything as is_known,
        sum(positives) over everything as all_positives,
        sum(negatives) over everything as all_negatives,
        sum(positives) over everything + sum(negatives) over everything * negative_size as all_weights
    from {{ ranking }} as ranking
    window everything as ({{ partition }})

),

stepped as (

    select
        *,
        ceil({{ points }} * weights_so_far / all_weights) as step
    from walked
    where is_known and has_weight and all_positives > 0 and all_negatives > 0

),

-- The lowest score of each step, and the highest score of all.
chosen as (

    select *
    from stepped
    qualify
        row_number() over ({{ 'partition by ' ~ keys if by else 'partition by ' }} step order by threshold asc) = 1
        or row_number() over ({{ partition }} order by threshold desc) = 1

)

select
    {{ keys }}
    'roc' as curve,
    negatives_so_far / all_negatives as x,
    positives_so_far / all_positives as y,
    threshold
from chosen
union all
select
    {{ keys }}
    'pr' as curve,
    positives_so_far / all_positives as x,
    positives_so_far / weights_so_far as y,
    threshold
from chosen
union all
select
    {{ keys }}
    'lift' as curve,
    weights_so_far / all_weights as x,
    (positives_so_far / weights_so_far) / (all_positives / all_weights) as y,
    threshold
from chosen
{%- endmacro %}
