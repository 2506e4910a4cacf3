{#- The last period of a monitor in which enough rows were scored shows no drift of features or predictions, over all rows and in
    every slice. It goes on the node of the monitor; what it finds is logged in words. dbt's own `severity` says whether it
    warns or fails.
    level: the least verdict that fails, warn or drift · compared_with: training, previous, or a list of both · kinds: feature,
    prediction, or a list of both · features: list of the features to look at; all of them where none. -#}
{% test has_no_drift(
    model, level='drift', compared_with=['training', 'previous'], kinds=['feature', 'prediction'], features=none
) %}
    {%- set allowed = {
        'level': ['warn', 'drift'], 'compared_with': ['training', 'previous'], 'kinds': ['feature', 'prediction']
    } -%}
    {%- set compared_with = [compared_with] if compared_with is string else compared_with -%}
    {%- set kinds = [kinds] if kinds is string else kinds -%}
    {%- for name, values in {'level': [level], 'compared_with': compared_with, 'kinds': kinds}.items() -%}
        {%- for value in values if value not in allowed[name] -%}
            {{ exceptions.raise_compiler_error(
                "has_no_drift on " ~ model.identifier ~ ": " ~ name ~ " is '" ~ value ~ "'; it must be one of " ~ allowed[name] | join(', ')
            ) }}
        {%- endfor -%}
    {%- endfor -%}
    {%- set failures %}
with measured as (

    select
        model_name,
        version,
        slice_column,
        slice_value,
        period,
        period_start,
        measured_at,
        unnest(drift) as entry
    from {{ model }}
    where role = 'champion'

),

judged as (

    select
        model_name,
        version,
        slice_column,
        slice_value,
        period,
        period_start,
        measured_at,
        entry.kind,
        entry.feature,
        entry.compared_with,
        entry.verdict,
        entry.reason
    from measured

),

last_period as (

    select
        version,
        period_start
    from judged
    where slice_column is null and verdict in ('stable', 'warn', 'drift')
    -- After a rollback the rows of the version that scored before stay as they were measured.
    order by period_start desc, measured_at desc, version desc
    limit 1

),

drifted as (

    select judged.*
    from judged
    inner join last_period
        on
            judged.version = last_period.version
            and judged.period_start = last_period.period_start
    where
        judged.verdict in ('drift'{{ ", 'warn'" if level == 'warn' }})
        and judged.compared_with in ({% for value in compared_with %}'{{ value }}'{{ ', ' if not loop.last }}{% endfor %})
        and judged.kind in ({% for value in kinds %}'{{ value }}'{{ ', ' if not loop.last }}{% endfor %})
        {%- if features is not none %}
        and judged.feature in ({% for feature in features %}{{ warehouse_ml._text(feature) }}{{ ', ' if not loop.last }}{% endfor %})
        {%- endif %}

)

select
    *,
    model_name || '@' || cast(version as varchar) || ', ' || period || ' from ' || cast(cast(period_start as date) as varchar)
    || case when slice_column is null then '' else ', ' || slice_column || ' ' || slice_value end
    || ': ' || case when kind = 'prediction' then kind else 'feature ' || feature end || ' against ' || compared_with || ': ' || verdict || ', ' || reason as message
from drifted
    {%- endset -%}
    {%- if execute and flags.WHICH in ('build', 'test') and 'drift' in warehouse_ml._column_names(model.incorporate(path={'database': model.database or target.get('database')})) -%}
        {%- set monitored = run_query(
            'select distinct entry.feature from (select unnest(drift) as entry from ' ~ model ~ ') as drift order by 1'
        ).columns[0].values() | list -%}
        {%- for feature in features or [] if monitored and feature not in monitored -%}
            {{ exceptions.raise_compiler_error(
                "has_no_drift on " ~ model.identifier ~ ": features names '" ~ feature ~ "', which is no feature that was monitored; name one of "
                ~ monitored | join(', ') ~ '.' ~ warehouse_ml._nearest_name(feature, monitored)
            ) }}
        {%- endfor -%}
        {%- for failure in run_query(failures).rows -%}
            {%- do log(failure.message, info=true) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ failures }}
{% endtest %}
