{#- The CTEs up to `estimates`: what each metric of a cell is expected to be before its labels are in, one row per cell_id
    and metric with estimate, estimate_lower and estimate_upper; no rows for a task without an estimate.

    Each row counts as all that may turn out, weighted by how often that happened to held-out rows with a similar score.
    The same is done 20 times with weights that vary as the counts of rows would, those held out and those to come; the
    spread of the results gives the interval.

    task: of the model · curves: relation with the curves of its versions, see _expected_outcomes · measures: mapping of
    the names of metrics to their macros. -#}
{% macro _estimated_metrics(task, curves, measures) -%}
    {%- set least = 'cast(\'-infinity\' as double)' -%}
    {%- if task not in ('binary', 'multiclass', 'regression') -%}
estimates as (

    select
        cell_id,
        cast(null as varchar) as metric,
        cast(null as double) as estimate,
        cast(null as double) as estimate_lower,
        cast(null as double) as estimate_upper
    from cells
    where false

)
    {%- else -%}
{{ warehouse_ml._expected_outcomes(task, curves) }},

expected as (

    select
        *,
        row_weight * chance as weight
    from outcomes

),

-- A lognormal factor keeps weights positive; its variance is that of a count of so many rows.
varied as (

    select
        outcomes.* exclude (cell_id),
        concat(outcomes.cell_id, ' ', replicates.replicate) as cell_id,
        ln(1 + 1 / (chance * chance_rows)) as held_out_variance,
        ln(1 + squared_weight / (power(row_weight, 2) * chance)) as live_variance,
        {{ warehouse_ml._normal('outcomes.version, outcome_id, replicates.replicate') }} as held_out_factor,
        {{ warehouse_ml._normal('outcomes.cell_id, score_bin, outcome_id, replicates.replicate') }} as live_factor
    from outcomes
    cross join (select unnest(range(20)) as replicate) as replicates
    where chance > 0 or chance is null

),

replicated as materialized (

    select
        *,
        row_weight * chance * exp(
            sqrt(held_out_variance) * held_out_factor - held_out_variance / 2
            + sqrt(live_variance) * live_factor - live_variance / 2
        ) as weight
    from varied

),

estimated as (

    {% for metric, measure in measures.items() -%}
    select
        cell_id,
        '{{ metric }}' as metric,
        metric_value as estimate
    from (
        {{ measure.macro('expected', weight='weight', by=['cell_id'], **measure.arguments) | indent(8) }}
    ) as expectation
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}

),

spreads as (

    {% for metric, measure in measures.items() -%}
    select
        cast(split_part(cell_id, ' ', 1) as ubigint) as cell_id,
        '{{ metric }}' as metric,
        2.093e0 * sqrt(var_samp(case when abs(metric_value) < 1e150 then metric_value end)) as half_width
    from (
        {{ measure.macro('replicated', weight='weight', by=['cell_id'], **measure.arguments) | indent(8) }}
    ) as replication
    group by 1
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}

),

-- 2.093 is the 97.5th percentile of Student's t with 19 degrees of freedom. No metric is beyond its own limits.
estimates as (

    select
        cell_id,
        metric,
        estimate,
        -- DuckDB's least and greatest pass over nulls.
        case when metric = 'r2' or half_width is null then estimate - half_width else greatest(estimate - half_width, 0) end as estimate_lower,
        case
            when half_width is null then null
            when metric in ('log_loss', 'rmse', 'mae', 'mape', 'pinball'{{ ", 'brier'" if task == 'multiclass' }})
                then estimate + half_width
            else least(estimate + half_width, 1)
        end as estimate_upper
    from estimated
    left join spreads using (cell_id, metric)

)
    {%- endif -%}
{%- endmacro %}


{#- A number from the standard normal distribution that some values decide, as a SQL expression.
    values: list of expressions in SQL. -#}
{% macro _normal(values) -%}
    sqrt(-2 * ln((hash({{ values }}, 'radius') % 1000000 + 0.5) / 1000000))
    * cos(2 * pi() * (hash({{ values }}, 'angle') % 1000000) / 1000000)
{%- endmacro %}
