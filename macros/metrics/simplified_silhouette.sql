{#- Simplified silhouette: the mean of (b - a) / max(a, b), where a is a row's distance to the centre of its own
    cluster and b to the nearest other centre. Linear in the rows, where the silhouette proper compares every row with
    every other (Hruschka, de Castro and Campello, 2004). From -1 to 1, higher is better.
    One row per group: the columns of `by`, metric_value.

    rows: relation or subquery · own: column, distance to the own centre
    · other: column, distance to the nearest other centre · weight: column or expression
    · by: list of columns to group by. -#}
{% macro simplified_silhouette(rows, own='own_distance', other='other_distance', weight='1e0', by=[]) -%}
select
    {{ by | join(', ') ~ ',' if by }}
    sum({{ weight }} * coalesce(({{ other }} - {{ own }}) / nullif(greatest({{ own }}, {{ other }}), 0), 0))
    / sum({{ weight }}) as metric_value
from {{ rows }} as scored
{{ 'group by ' ~ by | join(', ') if by }}
{%- endmacro %}
