{#- Area under the ROC curve of a ranking. One row per group: the columns of `by`, metric_value.
    ranking: relation or subquery as _ranking makes it · by: list of columns to group by. -#}
{% macro _roc_auc_of(ranking, by) -%}
    {%- set keys = by | join(', ') -%}
with sized as (

    select
        {{ keys ~ ',' if by }}
        is_known,
        positives / {{ warehouse_ml._power_of_two('most_positives', 130) | indent(8) }} as positives,
        negatives / {{ warehouse_ml._power_of_two('most_negatives', 130) | indent(8) }} as negatives,
        (positives_so_far - positives / 2)
        / {{ warehouse_ml._power_of_two('most_positives', 130) | indent(8) }} as positives_above
    from {{ ranking }} as ranking

)

-- The product of two sums of weights is beyond a double before either is.
select
    {{ keys ~ ',' if by }}
    case
        when bool_and(is_known) and sum(positives) > 0 and sum(negatives) > 0
            then least(sum(negatives * positives_above) / (sum(positives) * sum(negatives)), 1e0)
    end as metric_value
from sized
{{ 'group by ' ~ keys if by }}
{%- endmacro %}
