{#- Statements that keep the SQL forms of all champions in the warehouse file, for clients without Python: the macros
    `ml.<model>_sql(row)`, which gives what ml_predict gives, and `ml.<model>_raw_sql(row)`, the raw score. A macro of a
    version that is champion no longer is replaced or dropped; one of a champion that has no SQL form is left out, and the
    log says so. Empty if nothing is to be done. Each macro holds all of the model: one that called the other would not find
    it in an attached file.

    champion_history: relation of the champions' history. -#}
{% macro write_sql_forms(champion_history) -%}
    {%- set forms = {'_raw_sql': "'raw_score'", '_sql': 'versions.sql_form.prediction'} -%}
    {%- set schema = adapter.quote(champion_history.schema) -%}
    {%- set query -%}
    with versions as (

        {% for name in var('ml_models') %}
        select
            model_name,
            version,
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
            'Version ' || versions.version || ' of ' || versions.model_name || ', SHA-256 ' || versions.artifact_sha256
                as description,
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

    found as (

        select
            function_name as macro_name,
            comment as description
        from duckdb_functions()
        where
            database_name = current_database()
            and schema_name = '{{ champion_history.schema }}'
            and starts_with(comment, 'Version ')

    )

    select
        coalesce(wanted.macro_name, found.macro_name) as macro_name,
        wanted.model_name,
        wanted.version,
        wanted.description,
        case when wanted.description is distinct from found.description then wanted.definition end as definition,
        wanted.definition is null as is_without,
        found.macro_name is not null as is_there
    from wanted
    full outer join found on wanted.macro_name = found.macro_name
    order by 1
    {%- endset -%}
    {%- if execute -%}
        {%- for form in run_query(query).rows -%}
            {%- set macro_name = schema ~ '.' ~ adapter.quote(form.macro_name) -%}
            {%- if form.definition is not none -%}
                create or replace macro {{ macro_name }}(r) as {{ form.definition }};
                comment on macro {{ macro_name }} is '{{ form.description }}';
            {%- elif form.is_without and form.is_there -%}
                drop macro {{ macro_name }};
            {%- endif -%}
            {%- if form.is_without and form.model_name and form.macro_name == form.model_name ~ '_sql' -%}
                {{ log(
                    "There is no " ~ champion_history.schema ~ "." ~ form.macro_name ~ ": version " ~ form.version ~ " of "
                    ~ form.model_name ~ " has no SQL form, or one that is too large; ml_predict scores with it.", info=true
                ) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
