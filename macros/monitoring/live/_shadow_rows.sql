{#- A query of the rows that a challenger scores in shadow beside the champion, with the columns of the monitored rows and `__role`
    shadow; nothing where the model's block has no `shadow: true`, no version is newer than the champion, or none of them can
    score the rows, which is reported. The challenger is the newest version, refused or not; a damaged one gives way to the one
    before. Its rows are those later than its own training rows. A row that it cannot score has no prediction.
    spec: what the monitor measures · rows: subquery of _monitored_rows. -#}
{% macro _shadow_rows(spec, rows) -%}
    {%- set challenger = namespace(version=none) -%}
    {%- for candidate in (warehouse_ml._challengers(spec.versions, rows) if spec.shadow else []) if challenger.version is none -%}
        {%- set reference = warehouse_ml._text(spec.versions.render() | replace('"', '') ~ '@' ~ candidate) -%}
        {%- set function = 'ml_predict_class' if spec.task in ('multiclass', 'clustering') else 'ml_predict' -%}
        {%- set tried = run_query(
            "select count(*), count(" ~ "_" ~ function ~ "(" ~ reference ~ ", __live_row)), min(_why_no_" ~ function ~ "("
            ~ reference ~ ", __live_row)) from (select * from " ~ rows ~ " limit 100) as __live_row"
        ).rows[0] -%}
        {%- if tried[1] -%}
            {%- set challenger.version = candidate -%}
        {%- elif tried[0] -%}
            {%- do log(
                spec.versions.identifier ~ "@" ~ candidate ~ " cannot score the rows of " ~ this.identifier ~ " in shadow: " ~ tried[2],
                info=true
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if challenger.version is not none -%}
        {{ warehouse_ml._scored_in_shadow(spec, rows, challenger.version) }}
    {%- endif -%}
{%- endmacro %}


{#- The versions newer than the champion, the newest first, without those that score published rows already; none where no
    version is champion.
    versions: relation of the model's versions · rows: subquery of _monitored_rows. -#}
{% macro _challengers(versions, rows) -%}
    {{ return(run_query(
        "select distinct version from " ~ versions ~ " where version > (" ~ warehouse_ml._last_champion(versions) ~ ")"
        ~ " and version not in (select __version from " ~ rows ~ ") order by version desc"
    ).columns[0].values() | list) }}
{%- endmacro %}


{#- A query of the version that the last decision names; no row, or null, where none scores.
    versions: relation of the model's versions. -#}
{% macro _last_champion(versions) -%}
select version
from {{ warehouse_ml._decisions(versions) }}
where model_name = {{ warehouse_ml._text(versions.identifier) }}
order by sequence desc
limit 1
{%- endmacro %}


{#- A query of the second version of the A/B test of a model, one row; null where there is none.
    versions: relation of the model's versions. -#}
{% macro _last_challenger(versions) -%}
select max(challenger) as challenger
from (
    select challenger
    from {{ warehouse_ml._decisions(versions) }}
    where model_name = {{ warehouse_ml._text(versions.identifier) }}
    order by sequence desc
    limit 1
) as last_decision
{%- endmacro %}


{#- The monitored rows with what another version says of them.
    spec: what the monitor measures · rows: subquery of _monitored_rows · version: its number. -#}
{% macro _scored_in_shadow(spec, rows, version) -%}
    {%- set arguments = '(' ~ warehouse_ml._text(spec.versions.render() | replace('"', '') ~ '@' ~ version) ~ ', __live_row)' -%}
    {%- set function = '_ml_predict_class' if spec.task in ('multiclass', 'clustering') else '_ml_predict' -%}
    {%- set trained_until -%}
        (select training_snapshot.cutoff from {{ spec.versions }} where version = {{ version }} and time_column is not null)
    {%- endset -%}
select
    * replace (
        cast({{ function }}{{ arguments }} as {{ spec.columns[spec.prediction] if spec.task in ('multiclass', 'clustering') else 'double' }}) as {{ warehouse_ml._quoted(spec.prediction) }},
        {%- if spec.task == 'multiclass' and spec.probabilities %}
        _ml_predict_proba{{ arguments }} as {{ warehouse_ml._quoted(spec.probabilities) }},
        {%- endif %}
        cast({{ version }} as {{ spec.columns[spec.model_version] }}) as {{ warehouse_ml._quoted(spec.model_version) }},
        {{ version }} as __version,
        'shadow' as __role
    )
from {{ rows }} as __live_row
where coalesce(cast(__live_row.{{ warehouse_ml._quoted(spec.model_time or spec.time) }} as timestamp) > {{ trained_until }}, true)
{%- endmacro %}
