{#- Trains a model declared in SQL: the compiled query gives the training rows, `config: meta: ml:` says what to make of
    them. `ml.<model>` holds one row per version, appended in one transaction and never updated; a build whose rows,
    configuration and code are those of the newest version appends nothing, and `--full-refresh` trains anew without
    dropping a version. Whatever goes wrong is this model's refusal, kept in `ml.training_refusals`, and ends the run
    (report_trainings); the node itself goes on without a new version, so that the registry judges the other models and
    every champion scores. A model in a wrong place, which the registry could not read, ends the node. With `--empty` or
    `--sample` there is no training set: nothing is trained and nothing decided. -#}
{% materialization ml_model, adapter='duckdb', supported_languages=['sql'] %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set outcome = adapter.quote('training of ' ~ this.identifier) -%}
    {%- set request = {
        'query': compiled_code,
        'schema': this.schema,
        'model_name': this.identifier,
        'config': config.meta_get('ml'),
        'retrain': should_full_refresh(),
        'without_data': flags.EMPTY or invocation_args_dict.get('sample') is not none,
        'outcome': 'training of ' ~ this.identifier,
    } -%}

    {%- do warehouse_ml.check_one_name() -%}
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

    {%- for refusal in run_query('select problem, is_misplaced, details from ' ~ outcome ~ ' where problem is not null').rows -%}
        {%- if refusal.is_misplaced -%}
            {%- do run_query('drop table ' ~ outcome) -%}
            {{ exceptions.raise_compiler_error(refusal.problem) }}
        {%- endif -%}
        {%- do log(refusal.details or refusal.problem) -%}
        {%- do store_result('main', response='NOT TRAINED: ' ~ refusal.problem) -%}
    {%- endfor -%}

    {%- for notice in run_query('select unnest(notices) as text from ' ~ outcome).rows -%}
        {%- do log("Model '" ~ this.identifier ~ "': " ~ notice.text, info=true) -%}
    {%- endfor -%}

    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('append') -%}
        create table if not exists {{ target_relation }} as
        select * exclude (problem, is_misplaced, details) from {{ outcome }} limit 0;
        insert into {{ target_relation }} by name
        select * exclude (problem, is_misplaced, details) from {{ outcome }}
        where problem is null
    {%- endcall -%}
    {%- do apply_grants(target_relation, config.get('grants'), should_revoke=False) -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}

    {%- do run_query('drop table ' ~ outcome) -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}
