{#- Curves of a ranking, walked from the highest score down: `roc` has the false positive rate as x and the true
    positive rate as y, `pr` recall and precision, `lift` the share of rows taken and how many times more of them are
    positive than of all rows. A point holds for all rows that score at least its threshold. About `points` points,
    evenly spread over the rows, stand for all of them; the first and the last score are always among them.
    One row per group, curve and point: the columns of `by`, curve, x, y, threshold. A group of one class has none, nor
    has one with a score that is not finite.

    rows: relation or subquery · label: column, 1 or 0 · score: column · weight: column or expression
    · by: list of columns to group by · points: number of points. -#}
{% macro ranking_curves(rows, label='label', score='score', weight='1e0', by=[], points=100) -%}
    {%- set keys = by | join(', ') ~ ',' if by else '' -%}
    {%- set partition = 'partition by ' ~ by | join(', ') if by else '' -%}
with tied as (

    select
        {{ keys }}
        {{ score }} as threshold,
        bool_and(coalesce({{ warehouse_ml._is_finite([score, label, weight] | join(' + ')) }}, false)) as is_known,
        sum({{ weight }} * {{ label }}) as positives,
        sum({{ weight }} * (1 - {{ label }})) as negatives
    from {{ rows }} as scored
    group by {{ keys }} {{ score }}

),

walked as (

    select
        {{ keys }}
        threshold,
        positives + negatives as weights,
        bool_and(is_known) over everything as is_known,
        sum(positives) over from_the_top as positives_so_far,
        sum(negatives) over from_the_top as negatives_so_far,
        sum(positives) over everything as all_positives,
        sum(negatives) over everything as all_negatives
    from tied
    window
        from_the_top as ({{ partition }} order by threshold desc rows between unbounded preceding and current row),
        everything as ({{ partition }})

),

stepped as (

    select
        *,
        ceil(
            {{ points }} * (positives_so_far + negatives_so_far) / (all_positives + all_negatives)
        ) as step
    from walked
    where is_known and weights > 0 and all_positives > 0 and all_negatives > 0

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
    positives_so_far / (positives_so_far + negatives_so_far) as y,
    threshold
from chosen
union all
select
    {{ keys }}
    'lift' as curve,
    (positives_so_far + negatives_so_far) / (all_positives + all_negatives) as x,
    (positives_so_far / (positives_so_far + negatives_so_far))
    / (all_positives / (all_positives + all_negatives)) as y,
    threshold
from chosen
{%- endmacro %}
