{#- R²: one minus the squared error over that of the labels' own mean; null where all labels that have weight are equal,
    a score is not finite or an error is beyond 1e154.
    One row per group: the columns of `by`, metric_value.

    rows: relation or subquery · label: column · score: column, the value predicted · weight: column or expression
    · by: list of columns to group by. -#}
{% macro r2(rows, label='label', score='score', weight='1e0', by=[]) -%}
    {%- set keys = by | join(', ') -%}
    {%- set partition = 'partition by ' ~ keys if by else '' -%}
with valued as (

    select
        {{ keys ~ ',' if by }}
        {{ weight }} as row_weight,
        {{ label }} - {{ score }} as error,
        {{ label }} - min(case when {{ weight }} > 0 then {{ label }} end) over ({{ partition }}) as height
    from {{ rows }} as scored

),

-- Heights above the lowest label are exactly 0 where labels are equal, which distances from a rounded mean are not.
centred as (

    select
        *,
        height - sum(row_weight * height) over ({{ partition }}) / sum(row_weight) over ({{ partition }}) as distance
    from valued

),

summed as (

    select
        {{ keys ~ ',' if by }}
        bool_and(coalesce({{ warehouse_ml._is_finite('error + row_weight') }}, false)) as is_known,
        sum(row_weight * power(error, 2)) as squared_error,
        sum(row_weight * power(distance, 2)) as squared_distance
    from centred
    {{ 'group by ' ~ keys if by }}

)

select
    {{ keys ~ ',' if by }}
    case
        when
            is_known and squared_distance > 0
            and {{ warehouse_ml._is_finite('squared_distance') }} and {{ warehouse_ml._is_finite('squared_error') }}
            then 1 - squared_error / squared_distance
    end as metric_value
from summed
{%- endmacro %}
