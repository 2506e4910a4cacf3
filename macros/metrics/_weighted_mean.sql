{#- The weighted mean of a value that every row has: null where a row has none, or one that is not finite, and where
    nothing has weight.
    One row per group: the columns of `by`, metric_value.

    rows: relation or subquery · value: expression, what a row adds to the metric; null where its score is not finite
    · weight: column or expression · by: list of columns to group by. -#}
{% macro _weighted_mean(rows, value, weight, by) -%}
    {%- set keys = by | join(', ') -%}
with valued as (

    select
        {{ keys ~ ',' if by }}
        {{ value }} as row_value,
        {{ weight }} as row_weight
    from {{ rows }} as scored

),

summed as (

    select
        {{ keys ~ ',' if by }}
        bool_and(coalesce({{ warehouse_ml._is_finite('row_value + row_weight') }}, false)) as is_known,
        sum(row_weight * row_value) as total,
        sum(row_weight) as weights
    from valued
    {{ 'group by ' ~ keys if by }}

)

select
    {{ keys ~ ',' if by }}
    case when is_known and weights > 0 and {{ warehouse_ml._is_finite('weights') }} and {{ warehouse_ml._is_finite('total') }}
        then total / weights
    end as metric_value
from summed
{%- endmacro %}
