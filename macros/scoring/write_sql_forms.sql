{#- Statements that keep the SQL forms of all champions in the warehouse file, for clients without Python: the macros
    `ml.<model>_sql(row)`, which gives what ml_predict gives, and `ml.<model>_raw_sql(row)`, the raw score. A macro of a
    version that is champion no longer is replaced or dropped, and one that somebody replaced is written again; one of a
    champion that has no SQL form, or whose form DuckDB cannot read, is left out. The log says so. Empty if nothing is to be
    done. Each macro holds all of the model: one that called the other would not find it in an attached file.

    champion_history: relation of the champions' history. -#}
{% macro write_sql_forms(champion_history) -%}
    {#- Outside of the condition, so that dbt sees the references when it parses. -#}
    {%- set query = warehouse_ml._sql_forms(champion_history) -%}
    {%- if execute -%}
        {%- for form in run_query(query).rows -%}
            {%- set macro_name = adapter.quote(champion_history.schema) ~ '.' ~ adapter.quote(form.macro_name) -%}
            {%- set shown_name = champion_history.schema ~ "." ~ form.macro_name -%}
            {%- set has_form = form.definition is not none and form.problem is none -%}
            {%- if has_form and not form.is_current -%}
                create or replace macro {{ macro_name }}(r) as {{ form.definition }};
                comment on macro {{ macro_name }} is '{{ form.description ~ form.definition_md5 }}';
                {%- if form.is_replaced -%}
                    {{ log(
                        "The macro " ~ shown_name ~ " was replaced after version " ~ form.version ~ " of " ~ form.model_name
                        ~ " became champion: it is written again.", info=true
                    ) }}
                {%- endif -%}
            {%- elif form.is_there and not form.is_current -%}
                drop macro {{ macro_name }};
            {%- endif -%}
            {#- A champion that is no new one was reported when it became champion; damage is reported until it is mended. -#}
            {%- if not has_form and (form.is_new or form.problem is not none) and form.macro_name == (form.model_name or '') ~ '_sql' -%}
                {{ log(
                    "There is no " ~ shown_name ~ ": version " ~ form.version ~ " of " ~ form.model_name ~ " has "
                    ~ (
                        'no SQL form (' ~ form.why_without ~ '); ml_predict scores with it.' if form.problem is none
                        else 'an SQL form that cannot be kept: ' ~ form.problem
                    ), info=true
                ) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{#- A query of the macros that are wanted or there, one row each: the name, the version, what its comment begins with, its
    definition, the MD5 of that as DuckDB shows it, why it cannot be kept or is none, whether it is there, and as it was
    written, and whether the version became champion in this run.
    champion_history: relation of the champions' history. -#}
{% macro _sql_forms(champion_history) -%}
    {%- set started_at = run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f') -%}
    {%- set forms = {'_raw_sql': "'raw_score'", '_sql': 'versions.sql_form.prediction'} -%}
    with versions as (

        {% for name in var('ml_models') %}
        select
            '{{ name }}' as model_name,
            version,
            task,
            estimator,
            artifact_sha256,
            sql_form
        from {{ ref(project_name, name) }}
        {{ 'union all' if not loop.last }}
        {% endfor %}

    ),

    wanted as (

        {% for suffix, expression in forms.items() %}
        select
            versions.model_name,
            versions.version,
            versions.model_name || '{{ suffix }}' as macro_name,
            'Version ' || versions.version || ' of ' || versions.model_name || ', SHA-256 '
            || coalesce(versions.artifact_sha256, 'none') || ', definition ' as description,
            live.decided_at >= timestamp '{{ started_at }}' as is_new,
            case
                when versions.task = 'multiclass' then 'models of several classes have none'
                when versions.estimator in ('lightgbm', 'logistic_regression', 'linear_regression')
                    then 'it would be longer than 1.5 million characters, or nested more than 400 deep'
                else 'estimator ' || versions.estimator || ' has none'
            end as why_without,
            replace({{ expression }}, 'raw_score', '(' || versions.sql_form.raw_score || ')') as definition
        from versions
        inner join {{ champion_history }} as live
            on
                versions.model_name = live.model_name
                and versions.version = live.version
        where live.live_until_at is null
        {{ 'union all' if not loop.last }}
        {% endfor %}

    ),

    -- DuckDB quotes fewer names in a macro that it read from a file than in one just made.
    present as (

        select
            function_name as macro_name,
            max(comment) as description,
            string_agg(md5(replace(macro_definition, '"', '')), ' ') as definition_md5
        from duckdb_functions()
        where
            database_name = current_database()
            and schema_name = '{{ champion_history.schema }}'
            and function_type = 'macro'
            and (starts_with(comment, 'Version ') or function_name in (select macro_name from wanted))
        group by 1

    ),

    compared as (

        select
            coalesce(wanted.macro_name, present.macro_name) as macro_name,
            wanted.model_name,
            wanted.version,
            wanted.is_new,
            wanted.why_without,
            wanted.description,
            wanted.definition,
            present.macro_name is not null as is_there,
            coalesce(present.description = wanted.description || present.definition_md5, false) as is_current,
            present.macro_name is not null
            and coalesce(starts_with(present.description, wanted.description), true) as is_replaced
        from wanted
        full outer join present on wanted.macro_name = present.macro_name

    ),

    checked as (

        select
            *,
            case
                when not is_current and definition is not null
                    then coalesce(ml_version_problem(model_name || '@' || version), ml_form_problem(definition))
            end as problem
        from compared

    )

    select
        *,
        case when not is_current and definition is not null and problem is null then ml_form_md5(definition) end
            as definition_md5
    from checked
    order by 1
{%- endmacro %}
