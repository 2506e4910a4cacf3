{#- A query of the rows to score with what the model's champion says of them, `model_version` and `scored_at` in UTC. A
    model without a champion is an error.

    With a key, and an `ab_test` in the model's block, each row is scored by the champion or by the second version of the test, as
    a hash of its key decides.

    With a key, an incremental model scores only what has no score yet: rows that are new or have changed, and those that
    another version scored. It keeps the key and all that this adds, `row_hash` included.

    model: relation of the model's versions, as ref() gives it · scored_rows: relation with the model's features
    · outputs: list of what to add: `prediction` (ml_predict: the probability of the positive class, or the value),
    `predicted_class` (ml_predict_class), `probabilities` (ml_predict_proba) · key: column, or list of columns, that
    identifies a row · prefix: what the names of all added columns begin with; rows that have one of them are refused. -#}
{% macro predict(model, scored_rows, outputs=['prediction'], key=none, prefix='') -%}
    {%- set functions = {
        'prediction': 'ml_predict', 'predicted_class': 'ml_predict_class', 'probabilities': 'ml_predict_proba'
    } -%}
    {%- set outputs = [outputs] if outputs is string else outputs | unique | list -%}
    {%- for output in outputs if output not in functions -%}
        {{ exceptions.raise_compiler_error(
            "Unknown output '" ~ output ~ "' of predict: outputs are " ~ functions.keys() | join(', ')
            ~ "; correct the call."
        ) }}
    {%- endfor -%}
    {%- set key_columns = [] if key is none else [key] if key is string else key -%}
    {%- if execute and key_columns and config.get('materialized') == 'incremental' and not config.get('unique_key') -%}
        {{ exceptions.raise_compiler_error(
            this.identifier ~ " has no unique_key: rows that have changed would be in it twice; write it beside "
            ~ "materialized='incremental', the key of predict, in double quotes within the text where a name needs them."
        ) }}
    {%- endif -%}
    {%- set added_columns = [] -%}
    {%- for name in outputs + ['model_version', 'scored_at'] + ([] if key is none else ['row_hash']) -%}
        {%- do added_columns.append(prefix ~ name) -%}
    {%- endfor -%}
    {{ warehouse_ml._check_names('predict', scored_rows, added_columns, key_columns) }}
    {%- set is_tried = execute and warehouse_ml._is_tried(model, key) -%}
    {%- set version = 'scored_rows.' ~ warehouse_ml._quoted(prefix ~ 'model_version') if is_tried else 'champion.version' -%}
with champion as (

    {{ warehouse_ml._champion(model, with_challenger=is_tried) }}

)
{%- if key is not none %},

{{ warehouse_ml._rows_to_score(model, scored_rows, key_columns, prefix, is_tried) }}
{%- endif %}

select
    {{ warehouse_ml.all_but([prefix ~ 'model_version'], 'scored_rows') if is_tried else 'scored_rows.*' }},
    {%- for output in outputs %}
    {{ functions[output] }}({{ warehouse_ml._text(model.render() | replace('"', '') ~ '@') }} || {{ version }}, {{ warehouse_ml._row_as_struct('scored_rows') }}) as {{ warehouse_ml._quoted(prefix ~ output) }},
    {%- endfor %}
    {{ version }} as {{ warehouse_ml._quoted(prefix ~ 'model_version') }},
    {{ warehouse_ml.utc_now() }} as {{ warehouse_ml._quoted(prefix ~ 'scored_at') }}
from {{ scored_rows if key is none else 'rows_to_score' }} as scored_rows
{{ 'cross join champion' if not is_tried }}
{%- endmacro %}
