{#- Area under the ROC curve: the probability that a positive row scores above a negative one, ties counting half.
    One row per group: the columns of `by`, metric_value; null where one class alone has weight or a score is not finite.

    rows: relation or subquery · label: column, 1 or 0 · score: column · weight: column or expression
    · by: list of columns to group by. -#}
{% macro roc_auc(rows, label='label', score='score', weight='1e0', by=[]) -%}
    {%- set keys = by | join(', ') -%}
    {%- set partition = 'partition by ' ~ keys if by else '' -%}
with tied as (

    select
        {{ keys ~ ',' if by }}
        {{ score }} as score,
        bool_and(coalesce({{ warehouse_ml._is_finite([score, label, weight] | join(' + ')) }}, false)) as is_known,
        sum({{ weight }} * {{ label }}) as positives,
        sum({{ weight }} * (1 - {{ label }})) as negatives
    from {{ rows }} as scored
    group by {{ keys ~ ', ' if by }}{{ score }}

),

-- Sums of weights near the ends of a double's range would overflow, or lose digits when they are halved. A power of two changes no
-- digit, so that whole weights are counted exactly.
scaled as (

    select
        {{ keys ~ ',' if by }}
        score,
        is_known,
        positives / power(2e0, floor(log2(nullif(max(positives) over ({{ partition }}), 0)))) as positives,
        negatives / power(2e0, floor(log2(nullif(max(negatives) over ({{ partition }}), 0)))) as negatives
    from tied

),

ranked as (

    select
        {{ keys ~ ',' if by }}
        is_known,
        positives,
        negatives,
        sum(negatives) over (
            {{ partition }}
            order by score asc
            rows between unbounded preceding and current row
        ) - negatives / 2 as negatives_below
    from scaled

)

select
    {{ keys ~ ',' if by }}
    case
        when bool_and(is_known) and sum(positives) > 0 and sum(negatives) > 0
            then least(sum(positives * negatives_below) / (sum(positives) * sum(negatives)), 1e0)
    end as metric_value
from ranked
{{ 'group by ' ~ keys if by }}
{%- endmacro %}
