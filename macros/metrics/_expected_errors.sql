{#- How far labels were from the values predicted, in up to 20 bins of the prediction with about as many rows each: what an
    estimate of a metric before its labels are in is calibrated with. The errors of a bin are ten parts by size, each of
    them two errors, its mean plus and minus its standard deviation, so that mean and mean square are kept.
    One row per group, bin and error: the columns of `by`, x, the share of the bin's rows that have it, y, the error, label
    minus prediction, threshold, the highest prediction of the bin, and effective_rows, rows of equal weight that would
    say as much. A group with a score that is not finite has none.

    rows: relation or subquery · label: column · score: column, the value predicted · weight: column or expression
    · by: list of columns to group by. -#}
{% macro _expected_errors(rows, label='label', score='score', weight='1e0', by=[]) -%}
    {%- set keys = by | join(', ') ~ ',' if by else '' -%}
with {{ warehouse_ml._expected_bins(rows, label, score, weight, by) }},

tiled as (

    select
        *,
        label - score as error,
        ntile(10) over (partition by {{ keys }} bin order by label - score) as tile,
        max(score) over (partition by {{ keys }} bin) as threshold
    from binned
    where is_known and weight > 0

),

tiles as (

    select
        {{ keys }}
        threshold,
        tile,
        sum(weight) as weights,
        sum(power(weight, 2)) as squared_weights,
        sum(weight * error) / sum(weight) as mean_error,
        sum(weight * power(error, 2)) / sum(weight) as mean_square
    from tiled
    group by {{ keys }} threshold, tile

),

shares as (

    select
        *,
        weights / sum(weights) over (partition by {{ keys }} threshold) as share,
        power(sum(weights) over (partition by {{ keys }} threshold), 2)
        / nullif(sum(squared_weights) over (partition by {{ keys }} threshold), 0) as effective_rows,
        sqrt(greatest(mean_square - power(mean_error, 2), 0)) as spread
    from tiles

)

select
    {{ keys }}
    share / 2 as x,
    mean_error + direction * spread as y,
    threshold,
    effective_rows
from shares
cross join (values (-1), (1)) as directions (direction)
{%- endmacro %}
