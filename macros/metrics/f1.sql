{#- F1: the harmonic mean of precision and recall where rows with a probability above one half are predicted positive;
    0 where no row is positive, in truth or prediction.
    One row per group: the columns of `by`, metric_value; null where a score is not finite or nothing has weight.

    rows: relation or subquery · label: column, 1 or 0 · score: column, the probability of 1
    · weight: column or expression · by: list of columns to group by. -#}
{% macro f1(rows, label='label', score='score', weight='1e0', by=[]) -%}
select
    {{ by | join(', ') ~ ',' if by }}
    case
        when bool_and(coalesce({{ warehouse_ml._is_finite([score, label, weight] | join(' + ')) }}, false)) and sum({{ weight }}) > 0
            then coalesce(
                2 * sum(case when {{ score }} > 0.5e0 and {{ label }} = 1 then {{ weight }} else 0 end)
                / nullif(
                    sum(case when {{ score }} > 0.5e0 then {{ weight }} else 0 end)
                    + sum(case when {{ label }} = 1 then {{ weight }} else 0 end),
                    0
                ),
                0
            )
    end as metric_value
from {{ rows }} as scored
{{ 'group by ' ~ by | join(', ') if by }}
{%- endmacro %}
