{#- Trains a model declared in SQL: the compiled query gives the training rows, `config: meta: ml:` says what to make of
    them. `ml.<model>` holds one row per version, appended in one transaction and never updated; a build whose rows,
    configuration and code are those of the newest version appends nothing, and `--full-refresh` trains anew without
    dropping a version. Whatever breaks a rule ends the node with the sentences that training gives. -#}
{% materialization ml_model, adapter='duckdb', supported_languages=['sql'] %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set outcome = adapter.quote('training of ' ~ this.identifier) -%}
    {%- set request = {
        'query': compiled_code,
        'schema': this.schema,
        'model_name': this.identifier,
        'config': config.meta_get('ml'),
        'retrain': should_full_refresh(),
        'outcome': 'training of ' ~ this.identifier,
    } -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}

    {#- No transaction is open while the model trains. The request crosses as JSON within a JSON text, which Python reads
        as the same text whatever characters the query holds. -#}
    {%- call statement('main', language='python') -%}
import json

import training.materialize

REQUEST = {{ tojson(tojson(request)) }}


def dbtObj(load_df_function):
    return None


def model(dbt, session):
    return training.materialize.materialize(session, **json.loads(REQUEST))


def materialize(outcome, cursor):
    return None
    {%- endcall -%}

    {%- set problems = run_query('select problem from ' ~ outcome ~ ' where problem is not null').columns[0].values() -%}
    {%- if problems -%}
        {%- do run_query('drop table ' ~ outcome) -%}
        {{ exceptions.raise_compiler_error(problems[0]) }}
    {%- endif -%}

    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('append') -%}
        create table if not exists {{ target_relation }} as
        select * exclude (problem) from {{ outcome }} limit 0;
        insert into {{ target_relation }} by name
        select * exclude (problem) from {{ outcome }}
    {%- endcall -%}
    {%- do apply_grants(target_relation, config.get('grants'), should_revoke=False) -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}

    {%- do run_query('drop table ' ~ outcome) -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}
