{#- The list `metrics` per version, role, slice and period: what the predictions were worth as far as labels are in, and what is
    expected of all of them (_metrics_of_cells).
    spec: what the monitor measures (_monitor_spec) · rows: name of the temporary table of _monitored_scores · periods: name of
    that of _monitored_periods. -#}
{% macro _live_metrics(spec, rows, periods) -%}
    {%- set slices = {} -%}
    {%- for column in spec.slices -%}{%- do slices.update({column: '__slice_' ~ loop.index}) -%}{%- endfor -%}
    {%- set curves = '(select version, unnest(curves, recursive := true) from ' ~ spec.versions ~ ')' -%}
    {%- set quantile = run_query(
        "select case when params ->> 'objective' = 'quantile' then cast(params ->> 'alpha' as double) end from " ~ spec.versions
        ~ " order by version desc limit 1"
    ).rows if spec.task == 'regression' else [] -%}
{{ warehouse_ml._metrics_of_cells(
    '(' ~ warehouse_ml._live_rows(spec, rows) ~ ')', spec.task, curves, slices, quantile[0][0] if quantile else none, periods
) }}
{%- endmacro %}


{#- The monitored rows as metrics read them: version, role, period_start, the slices, label, weight, is_finite, whether the score
    is a finite number, and by task score, predicted, probabilities, probability, squares and flagged. Versions are named one by
    one: DuckDB takes a temporary table for empty until it is committed, and a join with it would keep its rows.
    spec: what the monitor measures · rows: name of the temporary table of _monitored_scores. -#}
{% macro _live_rows(spec, rows) -%}
    {%- set versions = run_query(
        'select version, cast(signature.threshold as varchar) from ' ~ spec.versions ~ ' where task = ' ~ warehouse_ml._text(spec.task)
        ~ ' and version in (select __version from ' ~ rows ~ ')'
    ).rows -%}
select
    __version as version,
    __role as role,
    __period_start as period_start,
    {%- for column in spec.slices %}
    __slice_{{ loop.index }},
    {%- endfor %}
    __label as label,
    {{ 'cast(__weight as double)' if spec.weight else '1e0' }} as weight,
    {%- if spec.task in ('multiclass', 'clustering') %}
    __predicted as predicted,
    __predicted is not null as is_finite
        {%- if spec.task == 'multiclass' %},
    __probabilities as probabilities,
    case when __probabilities is not null then coalesce(__probabilities[__label], 0e0) end as probability,
    list_sum(list_transform(map_values(__probabilities), lambda chance: chance * chance)) as squares
        {%- endif %}
    {%- else %}
    cast(__predicted as double) as score,
    coalesce(isfinite(cast(__predicted as double)), false) as is_finite
        {%- if spec.task == 'anomaly' %},
    case when isfinite(cast(__predicted as double)) then cast(
        cast(__predicted as double) > {% if versions %}case __version
            {%- for version in versions %}
            when {{ version[0] }} then cast('{{ version[1] }}' as double)
            {%- endfor %}
        end{% else %}null{% endif %} as double
    ) end as flagged
        {%- endif %}
    {%- endif %}
-- The query's own columns may be called like those that metrics read.
from (
    select
        __version,
        __role,
        __period_start,
        {%- for column in spec.slices %}
        __slice_{{ loop.index }},
        {%- endfor %}
        {{ spec.label_value or ('cast(null as varchar)' if spec.task == 'multiclass' else 'cast(null as double)') }} as __label,
        {%- if spec.weight %}
        {{ warehouse_ml._quoted(spec.weight) }} as __weight,
        {%- endif %}
        {%- if spec.task == 'multiclass' %}
        {{ warehouse_ml._quoted(spec.probabilities) if spec.probabilities else 'cast(null as map(varchar, double))' }} as __probabilities,
        {%- endif %}
        {{ spec.prediction_text or warehouse_ml._quoted(spec.prediction) }} as __predicted
    from {{ rows }}
) as live_rows
where __version in ({{ versions | map(attribute=0) | join(', ') or 'null' }})
{%- endmacro %}
