{#- The curves of a ranking, as ranking_curves has them. One row per group, curve and point: the columns of `by`, curve, x, y, threshold.
    ranking: relation or subquery as _ranking makes it · by: list of columns to group by · points: number of points. -#}
{% macro _ranking_curves_of(ranking, by, points=100) -%}
    {%- set keys = by | join(', ') ~ ',' if by else '' -%}
with walked as (

    select
        *,
        positives_so_far + negatives_so_far * negative_size as weights_so_far
    from {{ ranking }} as ranking

),

summed as (

    select
        {{ keys }}
        sum(positives) as all_positives,
        sum(negatives) as all_negatives,
        sum(positives) + sum(negatives) * max(negative_size) as all_weights
    from walked
    {{ 'group by ' ~ by | join(', ') if by }}
    having bool_and(is_known) and sum(positives) > 0 and sum(negatives) > 0

),

stepped as (

    select
        walked.*,
        summed.all_positives,
        summed.all_negatives,
        summed.all_weights,
        ceil({{ points }} * walked.weights_so_far / summed.all_weights) as step
    from walked
    inner join summed on true
        {%- for column in by %}
        and walked.{{ column }} is not distinct from summed.{{ column }}
        {%- endfor %}
    where positives + negatives > 0

),

-- The lowest score of each step, and the highest score of all, which may be the same.
chosen as (
    {%- set groups = by | join(', ') %}
    {%- for end, of in (('min', 'group by ' ~ keys ~ ' step'), ('max', 'group by ' ~ groups if by else 'having count(*) > 0')) %}
    select
        {{ keys }}
        {{ end }}(score) as threshold,
        {%- for name in ('positives_so_far', 'negatives_so_far', 'weights_so_far') %}
        {{ end }}_by({{ name }}, score) as {{ name }},
        {%- endfor %}
        max(all_positives) as all_positives,
        max(all_negatives) as all_negatives,
        max(all_weights) as all_weights
    from stepped
    {{ of }}
    {{ 'union' if not loop.last }}
    {%- endfor %}

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
