{#- Average precision of a ranking. One row per group: the columns of `by`, metric_value.
    ranking: relation or subquery as _ranking makes it · by: list of columns to group by. -#}
{% macro _average_precision_of(ranking, by) -%}
    {%- set keys = by | join(', ') -%}
select
    {{ keys ~ ',' if by }}
    case
        when bool_and(is_known) and sum(positives) > 0
            then
                sum(
                    positives
                    * (positives_so_far / nullif(positives_so_far + negatives_so_far * negative_size, 0))
                )
                / sum(positives)
    end as metric_value
from {{ ranking }} as ranking
{{ 'group by ' ~ keys if by }}
{%- endmacro %}
