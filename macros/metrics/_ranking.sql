{#- Rows by their distinct scores, walked from the highest down: what a ranking is measured from. The sums of each class are divided
    by a power of two where they are near the ends of a double's range, where they would overflow or lose digits; that changes
    no digit, and everywhere else they are as they are.
    One row per group and distinct score: the columns of `by`, score, is_known, positives and negatives, the weights of each class,
    most_positives and most_negatives, the largest of them, positives_so_far and negatives_so_far, and negative_size, by what
    negatives are multiplied to be compared with positives.

    rows: relation or subquery · label: column, 1 or 0 · score: column · weight: column or expression
    · by: list of columns to group by. -#}
{% macro _ranking(rows, label, score, weight, by) -%}
    {%- set keys = by | join(', ') ~ ',' if by else '' -%}
    {%- set partition = 'partition by ' ~ by | join(', ') if by else '' -%}
with tied as (

    select
        {{ keys }}
        {{ score }} as score,
        bool_and(coalesce({{ warehouse_ml._is_finite([score, label, weight] | join(' + ')) }}, false)) as is_known,
        sum({{ weight }} * {{ label }}) as positives,
        sum({{ weight }} * (1 - {{ label }})) as negatives
    from {{ rows }} as scored
    group by {{ keys }} {{ score }}

),

measured as (

    select
        *,
        -- A sum that overflows is of no use, nor is one of infinities of both signs.
        coalesce({{ warehouse_ml._is_finite('positives') }} and {{ warehouse_ml._is_finite('negatives') }}, false) as is_finite,
        max(positives) over ({{ partition }}) as most_positives,
        max(negatives) over ({{ partition }}) as most_negatives
    from tied

),

sized as (

    select
        *,
        {%- for class in ('positives', 'negatives') %}
        {{ warehouse_ml._power_of_two('most_' ~ class, 290) }} as size_of_{{ class }}{{ ',' if not loop.last }}
        {%- endfor %}
    from measured

),

scaled as (

    select
        {{ keys }}
        score,
        is_known and is_finite as is_known,
        positives / size_of_positives as positives,
        negatives / size_of_negatives as negatives,
        most_positives / size_of_positives as most_positives,
        most_negatives / size_of_negatives as most_negatives,
        least(size_of_negatives / size_of_positives, 1.7976931348623157e308) as negative_size
    from sized

)

select
    *,
    sum(positives) over from_the_top as positives_so_far,
    sum(negatives) over from_the_top as negatives_so_far
from scaled
window
    from_the_top as ({{ partition }} order by score desc rows between unbounded preceding and current row)
{%- endmacro %}
