{#- How often the positive class happened among rows with a similar probability, in up to 20 bins with about as many rows
    each: what an estimate of a metric before its labels are in is calibrated with.
    One row per group and bin: the columns of `by`, x, the mean probability, y, the share of positive rows, threshold, the
    highest probability of the bin, and effective_rows, rows of equal weight that would say as much. A group with a score
    that is not finite has none.

    rows: relation or subquery · label: column, 1 or 0 · score: column, the probability of 1
    · weight: column or expression · by: list of columns to group by. -#}
{% macro _expected_chances(rows, label='label', score='score', weight='1e0', by=[]) -%}
    {%- set keys = by | join(', ') ~ ',' if by else '' -%}
with {{ warehouse_ml._expected_bins(rows, label, score, weight, by) }}

select
    {{ keys }}
    sum(weight * score) / sum(weight) as x,
    sum(weight * label) / sum(weight) as y,
    max(score) as threshold,
    power(sum(weight), 2) / nullif(sum(power(weight, 2)), 0) as effective_rows
from binned
where is_known and weight > 0
group by {{ keys }} bin
{%- endmacro %}


{#- The CTEs before a query over `binned`: rows with label, score, weight, the bin of their score and whether all of their
    group are finite. Equal scores share a bin.
    rows, label, score, weight, by: as in _expected_chances. -#}
{% macro _expected_bins(rows, label, score, weight, by) -%}
    {%- set keys = by | join(', ') -%}
    {%- set partition = 'partition by ' ~ keys if by else '' -%}
ranked as (

    select
        {{ keys ~ ',' if by }}
        {{ label }} as label,
        {{ score }} as score,
        {{ weight }} as weight,
        count(*) over ({{ partition }}) as row_count,
        count(*) over ({{ partition }} order by {{ score }}) as score_rank,
        bool_and(coalesce({{ warehouse_ml._is_finite([score, label, weight] | join(' + ')) }}, false))
            over ({{ partition }}) as is_known
    from {{ rows }} as scored

),

binned as (

    select
        *,
        cast(ceil(score_rank * greatest(least(floor(sqrt(row_count) / 5), 20), 1) / row_count) as integer) as bin
    from ranked

)
{%- endmacro %}
