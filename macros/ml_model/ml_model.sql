{#- Trains a model and decides which of its versions may score. In SQL the compiled query gives the training rows; in
    Python the function `model` gives them, or a fitted model with its rows. `config: meta: ml:` says what to make of them.

    The model's table holds one row per version, appended and never updated; a build whose rows, configuration and code are
    those of the newest version appends nothing, and `--full-refresh` trains anew without dropping a version. Gates, pin and
    promotions are judged in the same transaction, also when nothing was trained; the outcome is a row of the table
    `decisions` beside it. Whatever goes wrong is this model's refusal, which ends the run (report_decisions); the node
    itself goes on, so that the champion scores. With `--empty` or `--sample` there is no training set: nothing is trained
    and nothing decided. -#}
{% materialization ml_model, adapter='duckdb', supported_languages=['sql', 'python'] %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set request = warehouse_ml._training_request(compiled_code) -%}

    {%- do warehouse_ml._check_one_name() -%}
    {#- A clone of the model, as `dbt clone` makes it, gives way to versions of its own. -#}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none and existing.is_view -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}

    {#- No transaction of dbt is open while the model trains, so that what it writes is seen afterwards; a hook may have begun
        one. The request crosses as JSON within a JSON text, which Python reads as the same text whatever characters the code holds. -#}
    {%- do adapter.ensure_transaction() -%}
    {%- do adapter.commit() -%}
    {%- call statement('main', language='python') -%}
import json

import training.materialize

REQUEST = {{ tojson(tojson(request)) }}


def dbtObj(load_df_function):
    return load_df_function


def model(load_df_function, session):
    return training.materialize.run_node(session, load_df_function, json.loads(REQUEST))


def materialize(nothing, session):
    return None
    {%- endcall -%}

    {%- set done = fromjson(warehouse_ml._ask("select getvariable('warehouse_ml_outcome')")[0][0]) -%}
    {%- if done.details -%}{%- do log(done.details) -%}{%- endif -%}
    {%- for notice in done.notices -%}
        {%- do log("Model '" ~ this.identifier ~ "': " ~ notice, info=true) -%}
    {%- endfor -%}

    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- do apply_grants(target_relation, config.get('grants'), should_revoke=False) -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}


{#- The same on Spark: the training query runs there, its rows are fetched, and the driver trains as on DuckDB. -#}
{% materialization ml_model, adapter='warehouse_ml_spark', supported_languages=['sql', 'python'] %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- do warehouse_ml._check_one_name() -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none and existing.is_view -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}

    {%- set done = adapter.build_model(warehouse_ml._training_request(compiled_code)) -%}
    {%- if done.details -%}{%- do log(done.details) -%}{%- endif -%}
    {%- for notice in done.notices -%}
        {%- do log("Model '" ~ this.identifier ~ "': " ~ notice, info=true) -%}
    {%- endfor -%}
    {#- dbt takes a node without a statement for one that did nothing. -#}
    {%- call noop_statement('main', 'OK') -%}{%- endcall -%}

    {%- do apply_grants(target_relation, config.get('grants'), should_revoke=False) -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks) }}

    {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}


{#- What the node of a model gives the training.
    query: compiled training query, or the compiled Python file. -#}
{% macro _training_request(query) -%}
    {%- set request = {
        'query': query,
        'relation': [this.database, this.schema, this.identifier],
        'config': config.meta_get('ml'),
        'retrain': should_full_refresh(),
        'without_data': warehouse_ml._is_without_data(),
        'invocation': invocation_id,
        'monitors': warehouse_ml._monitors_of(model.name),
        'retrain_decisions': warehouse_ml._name_of_kept('retrain_decisions'),
        'has_personal_data': warehouse_ml._has_personal_data(),
        'models': warehouse_ml._models_of_project(),
    } -%}
    {%- if model.language == 'python' -%}{%- do request.update({'source': model.raw_code}) -%}{%- endif -%}
    {{ return(request) }}
{%- endmacro %}


{#- Whether the run shows the queries no data, or a sample of it. -#}
{% macro _is_without_data() -%}
    {{ return(flags.EMPTY or invocation_args_dict.get('sample') is not none) }}
{%- endmacro %}


{#- The folder of the dbt project, which the plugin leaves on every connection. -#}
{% macro _project_folder() -%}
    {{ return(warehouse_ml._ask("select getvariable('dbt_project_folder')")[0][0]) }}
{%- endmacro %}


{#- The models of the project: database, schema and name of the table, and the name that the model had before. -#}
{% macro _models_of_project() -%}
    {%- set models = [] -%}
    {%- for node in graph.nodes.values() | sort(attribute='unique_id') if node.config.get('materialized') == 'ml_model' -%}
        {%- set block = node.config.meta.get('ml') -%}
        {%- set renamed_from = block.get('renamed_from') if block is mapping -%}
        {%- do models.append([node.database, node.schema, node.alias, renamed_from or '']) -%}
    {%- endfor -%}
    {{ return(models) }}
{%- endmacro %}


{#- The tables of the monitors of a model: database, schema and name. A monitor reads what the model's champion scored, so that
    there is no reference from the model to it: the model reads what the builds before have measured.
    name: name of the model's node. -#}
{% macro _monitors_of(name) -%}
    {%- set monitors = [] -%}
    {%- for node in graph.nodes.values() | sort(attribute='unique_id')
        if node.config.get('materialized') == 'ml_monitor' and node.config.meta.get('ml_monitor', {}).get('model') == name -%}
        {%- do monitors.append([node.database, node.schema, node.alias]) -%}
    {%- endfor -%}
    {{ return(monitors) }}
{%- endmacro %}
