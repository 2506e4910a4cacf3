{#- What versions of a model were worth on monitored rows, in periods and slices: the metrics of the rows whose labels are
    in, and an estimate for all rows that needs no label, with an interval that holds the value in 95 of 100 cases.
    One row per version, role, slice and period: version, role, slice_column, slice_value, period_start, row_count,
    labelled_rows and metrics, a list of metric, value, estimate, estimate_lower and estimate_upper.

    rows: relation with the monitored rows, see _live_rows · task: of the model · curves: relation with the curves of its
    versions, see _expected_outcomes · slices: mapping of the names of columns to SQL · quantile: the one that a value
    predicted stands for, where it is one · periods: relation with the versions, roles, slices and periods to measure; all unless
    set. -#}
{% macro _metrics_of_cells(rows, task, curves, slices={}, quantile=none, periods=none) -%}
    {%- set measures = warehouse_ml._measures_of(task, quantile) -%}
    {%- set keys = ['version', 'role', 'slice_column', 'slice_value', 'period_start'] -%}
with placed as not materialized (

    select
        *,
        cast(null as varchar) as slice_column,
        cast(null as varchar) as slice_value
    from {{ rows }} as live_rows
    {%- for name, column in slices.items() %}
    union all
    select
        *,
        {{ warehouse_ml._text(name) }} as slice_column,
        coalesce(cast({{ column }} as varchar), 'null') as slice_value
    from {{ rows }} as live_rows
    {%- endfor %}

),

-- Only rows with labels are kept, as every metric reads them.
rows_of_cells as not materialized (

    select
        *,
        hash({{ keys | join(', ') }}) as cell_id
    from placed
    {%- if periods %}
    where cell_id in (select hash({{ keys | join(', ') }}) from {{ periods }})
    {%- endif %}

),

cells as (

    select
        cell_id,
        {%- for key in keys %}
        any_value({{ key }}) as {{ key }},
        {%- endfor %}
        count(*) as row_count,
        count(label) as labelled_rows,
        count(*) filter (where not is_finite) as non_finite_scores
    from rows_of_cells
    group by cell_id

),

labelled as materialized (

    select * from rows_of_cells
    where label is not null

),

{{ warehouse_ml._estimated_metrics(task, curves, measures) }},

measured as (

    {% for metric, measure in measures.items() -%}
    select
        cell_id,
        '{{ metric }}' as metric,
        metric_value
    from (
        {{ measure.macro('rows_of_cells' if measure.needs_no_label else 'labelled', weight='weight', by=['cell_id'], **measure.arguments) | indent(8) }}
    ) as measurement
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- else %}
    select
        cell_id,
        cast(null as varchar) as metric,
        cast(null as double) as metric_value
    from cells
    where false
    {%- endfor %}

),

entries as (

    select
        cells.cell_id,
        names.metric,
        measured.metric_value as value,
        estimates.estimate,
        estimates.estimate_lower,
        estimates.estimate_upper
    from cells
    cross join (select unnest({{ measures.keys() | list or ['']}}) as metric) as names
    left join measured on cells.cell_id = measured.cell_id and names.metric = measured.metric
    left join estimates on cells.cell_id = estimates.cell_id and names.metric = estimates.metric
    where names.metric <> ''
    union all by name
    select
        cell_id,
        'non_finite_scores' as metric,
        cast(non_finite_scores as double) as value
    from cells

),

lists as (

    select
        cell_id,
        list(
            struct_pack(metric, value, estimate, estimate_lower, estimate_upper) order by metric asc
        ) as metrics
    from entries
    group by cell_id

),

final as (

    select
        {{ keys | join(', ') }},
        row_count,
        labelled_rows,
        metrics
    from cells
    inner join lists using (cell_id)

)

select * from final
{%- endmacro %}


{#- The metrics of a task that live rows can give, as a mapping of their names to the macro that measures each and its
    arguments: those of training, but for clusters, whose distances are not published.
    task: of the model · quantile: the one that a value predicted stands for, where it is one. -#}
{% macro _measures_of(task, quantile=none) -%}
    {%- set p = warehouse_ml -%}
    {%- set measures = {
        'binary': {
            'roc_auc': p.roc_auc, 'average_precision': p.average_precision, 'log_loss': p.log_loss, 'brier': p.brier,
            'accuracy': p.accuracy, 'f1': p.f1,
        },
        'multiclass': {
            'accuracy': p.accuracy_multiclass, 'f1_macro': p.f1_macro, 'log_loss': p.log_loss_multiclass,
            'brier': p.brier_multiclass,
        },
        'regression': {'rmse': p.rmse, 'mae': p.mae, 'r2': p.r2, 'mape': p.mape},
        'anomaly': {'flagged_share': p.flagged_share, 'roc_auc': p.roc_auc, 'average_precision': p.average_precision},
        'clustering': {},
    }[task] -%}
    {%- if quantile is not none -%}{%- do measures.update({'pinball': p.pinball}) -%}{%- endif -%}
    {%- set described = {} -%}
    {%- for metric, macro in measures.items() -%}
        {%- do described.update({metric: {
            'macro': macro,
            'arguments': {'quantile': quantile} if metric == 'pinball' else {},
            'needs_no_label': metric == 'flagged_share',
        }}) -%}
    {%- endfor -%}
    {{ return(described) }}
{%- endmacro %}
