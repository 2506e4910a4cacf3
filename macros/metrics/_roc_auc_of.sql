{#- Area under the ROC curve of a ranking. One row per group: the columns of `by`, metric_value.
    ranking: relation or subquery as _ranking makes it · by: list of columns to group by. -#}
{% macro _roc_auc_of(ranking, by) -%}
    {%- set keys = by | join(', ') -%}
select
    {{ keys ~ ',' if by }}
    case
        when bool_and(is_known) and sum(positives) > 0 and sum(negatives) > 0
            then
                least(
                    sum(negatives * (positives_so_far - positives / 2)) / (sum(positives) * sum(negatives)),
                    1e0
                )
    end as metric_value
from {{ ranking }} as ranking
{{ 'group by ' ~ keys if by }}
{%- endmacro %}
