{#- Calibration curve: how often the positive class happened among rows with a similar probability. The range from
    0 to 1 is cut into bins of equal width; a probability on a boundary belongs to the lower bin.
    One row per group and bin that has rows: the columns of `by`, x, the mean probability in the bin, y, the share of
    positive rows, and threshold, the bin's upper end. A group with a score that is not finite has none.

    rows: relation or subquery · label: column, 1 or 0 · score: column, the probability of 1
    · weight: column or expression · by: list of columns to group by · bins: number of bins. -#}
{% macro calibration_curve(rows, label='label', score='score', weight='1e0', by=[], bins=20) -%}
    {%- set keys = by | join(', ') ~ ',' if by else '' -%}
with binned as (

    select
        {{ keys }}
        {{ label }} as label,
        {{ score }} as score,
        {{ weight }} as weight,
        greatest(ceil({{ score }} * {{ bins }}), 1) / {{ bins }} as threshold,
        bool_and(coalesce({{ warehouse_ml._is_finite([score, label, weight] | join(' + ')) }}, false))
            over ({{ 'partition by ' ~ by | join(', ') if by }}) as is_known
    from {{ rows }} as scored

)

select
    {{ keys }}
    sum(weight * score) / sum(weight) as x,
    sum(weight * label) / sum(weight) as y,
    threshold
from binned
where is_known and weight > 0
group by {{ keys }} threshold
{%- endmacro %}
