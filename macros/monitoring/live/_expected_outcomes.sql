{#- The CTEs up to `outcomes`: what may turn out of the rows of a cell, one row per group of rows with about the same score
    and outcome: cell_id, version, score_bin, outcome_id, what the metric macros of the task read, row_weight and
    squared_weight, the sums of the rows' weights and of their squares, chance, the share of the rows that is expected to
    have the outcome, and chance_rows, the held-out rows that say so. Rows with a score that is not finite, or of a version
    without held-out rows, have no chance, which leaves metrics null.

    task: binary, multiclass or regression · curves: relation with version, dataset, curve, x, y and threshold, the points
    of the column curves of the versions; `expected` and `expected_rows` are read, of the test rows if there are any and
    else of the validation rows. -#}
{% macro _expected_outcomes(task, curves) -%}
    {%- set class = "substr(curve, strpos(curve, ' of ') + 4)" if task == 'multiclass' else "''" -%}
points as (

    select
        version,
        {{ class }} as class,
        starts_with(curve, 'expected_rows') as is_count,
        x,
        y,
        threshold
    from {{ curves }} as curves
    where starts_with(curve, 'expected') and dataset <> 'train'
    qualify rank() over (partition by version order by dataset = 'test' desc) = 1

),

-- What is above the highest score that was held out belongs to the highest bin.
bins as (

    select
        version,
        class,
        y as chance_rows,
        threshold,
        case
            when threshold = max(threshold) over (partition by version, class) then cast('infinity' as double)
            else threshold
        end as upper_end
    from points
    where is_count

),

curve_points as (

    select
        points.version,
        points.class,
        points.x,
        points.y,
        bins.threshold,
        bins.chance_rows
    from points
    inner join bins using (version, class, threshold)
    where not points.is_count

),

{{ warehouse_ml._grouped_scores(task) }},

grouped_in_bins as (

    select
        groups.*,
        bins.threshold
    from groups
    asof left join bins
        on groups.version = bins.version and groups.class = bins.class and groups.score <= bins.upper_end

),

    {% if task == 'regression' -%}
outcomes as materialized (

    select
        groups.*,
        groups.score + curve_points.y as label,
        curve_points.x as chance,
        curve_points.chance_rows,
        hash(curve_points.threshold, curve_points.y) as outcome_id
    from grouped_in_bins as groups
    left join curve_points using (version, class, threshold)

)
    {%- else -%}
-- Odds are shifted by what the odds of the bin were off; one row more, as the model expects it, keeps them from 0.
chances as (

    select
        groups.*,
        curve_points.chance_rows,
        hash(groups.class, curve_points.threshold) as outcome_id,
        {{ warehouse_ml._logit('groups.score') }} - {{ warehouse_ml._logit('curve_points.x') }} + {{ warehouse_ml._logit(
            '(curve_points.chance_rows * curve_points.y + curve_points.x) / (curve_points.chance_rows + 1)'
        ) }} as log_odds
    from grouped_in_bins as groups
    left join curve_points using (version, class, threshold)

),

outcomes as materialized (

    select
        chances.* exclude (outcome_id, log_odds),
    {%- if task == 'multiclass' %}
        class as label,
        score as probability,
        1 / (1 + exp(-log_odds)) as chance,
        outcome_id
    from chances
    {%- else %}
        sides.label,
        1 / (1 + exp(case sides.label when 1 then -log_odds else log_odds end)) as chance,
        hash(outcome_id, sides.label) as outcome_id
    from chances
    cross join (values (0), (1)) as sides (label)
    {%- endif %}

)
    {%- endif -%}
{%- endmacro %}


{#- The CTEs up to `groups`: the rows of `rows_of_cells` with about the same score in one row, of several classes one for
    each of them.
    task: binary, multiclass or regression. -#}
{% macro _grouped_scores(task) -%}
    {%- set sums = 'sum(weight) as row_weight, sum(weight * weight) as squared_weight' -%}
    {%- if task == 'regression' -%}
-- Steps of a tenth of a usual error, wider where values are many times as large.
sizes as (

    select
        version,
        greatest(sqrt(avg(power(y, 2))), 1e-300) as error_size
    from curve_points
    group by version

),
    {%- endif %}
groups as (

    {% if task == 'multiclass' -%}
    select
        cell_id,
        version,
        class,
        predicted,
        cast(round({{ warehouse_ml._logit('class_score') }}, 1) * 10 as bigint) as score_bin,
        sum(weight * class_score) / sum(weight) as score,
        sum(weight * squares) / sum(weight) as squares,
        {{ sums }}
    from (
        select
            *,
            unnest(map_keys(probabilities)) as class,
            unnest(map_values(probabilities)) as class_score
        from rows_of_cells
    ) as classes
    where weight > 0
    group by all
    {%- else -%}
    select
        rows_of_cells.cell_id,
        rows_of_cells.version,
        '' as class,
        {% if task == 'binary' -%}
        case when is_finite then cast(round({{ warehouse_ml._logit('score') }} * 10) as bigint) end as score_bin,
        {%- else -%}
        case when is_finite then cast(round(asinh(score / error_size) * 10) as bigint) end as score_bin,
        {%- endif %}
        sum(weight * score) / sum(weight) as score,
        {{ sums }}
    from rows_of_cells
    {{ 'left join sizes on rows_of_cells.version = sizes.version' if task == 'regression' }}
    where weight > 0
    group by all
    {%- endif %}

)
{%- endmacro %}


{#- The logarithm of the odds of a probability, which is kept from 0 and 1, as a SQL expression.
    probability: column or expression. -#}
{% macro _logit(probability) -%}
    ln(least(greatest({{ probability }}, 1e-9), 1 - 1e-9) / (1 - least(greatest({{ probability }}, 1e-9), 1 - 1e-9)))
{%- endmacro %}
