{#- Simplified silhouette: the mean of (b - a) / max(a, b), where a is a row's distance to the centre of its own
    cluster and b to the nearest other centre. Linear in the rows, where the silhouette proper compares every row with
    every other (Hruschka, de Castro and Campello, 2004). From -1 to 1, higher is better.
    One row per group: the columns of `by`, metric_value; null where a distance is not finite or nothing has weight.

    rows: relation or subquery · own: column, distance to the own centre
    · other: column, distance to the nearest other centre · weight: column or expression
    · by: list of columns to group by. -#}
{% macro simplified_silhouette(rows, own='own_distance', other='other_distance', weight='1e0', by=[]) -%}
    {%- set farther = 'greatest(' ~ own ~ ', ' ~ other ~ ')' -%}
    {%- set value = 'case when ' ~ warehouse_ml._is_finite(own) ~ ' and ' ~ warehouse_ml._is_finite(other)
        ~ ' then coalesce((' ~ other ~ ' - ' ~ own ~ ') / nullif(' ~ farther ~ ', 0), 0) end' -%}
    {{ warehouse_ml._weighted_mean(rows, value, weight, by) }}
{%- endmacro %}
