{#- A query of the rows to score with what the model's champion says of them, `model_version` and `scored_at` in UTC. A
    model without a champion is an error.

    model: relation of the model's versions, as ref() gives it · scored_rows: relation with the model's features
    · outputs: list of what to add: `prediction` (ml_predict: the probability of the positive class, or the value),
    `predicted_class` (ml_predict_class), `probabilities` (ml_predict_proba). -#}
{% macro predict(model, scored_rows, outputs=['prediction']) -%}
    {%- set functions = {
        'prediction': 'ml_predict', 'predicted_class': 'ml_predict_class', 'probabilities': 'ml_predict_proba'
    } -%}
    {%- for output in outputs if output not in functions -%}
        {{ exceptions.raise_compiler_error(
            "The outputs of predict must be among " ~ functions.keys() | join(', ') ~ ", but found '" ~ output
            ~ "': correct the call."
        ) }}
    {%- endfor -%}
with champion as (

    select coalesce(
        max(version),
        {{ warehouse_ml.raise_error(
            "'The model " ~ model.identifier ~ " must have a version that passed its gates before it can score, but it has none: "
            ~ "see ml.gate_failures, then improve the model or move the gate.'"
        ) }}
    ) as version
    from {{ ref('warehouse_ml', 'champions') }}
    where model_name = '{{ model.identifier }}'

)

select
    scored_rows.*,
    {%- for output in outputs %}
    {{ functions[output] }}('{{ model.identifier }}@' || champion.version, scored_rows) as {{ output }},
    {%- endfor %}
    champion.version as model_version,
    {{ warehouse_ml.utc_now() }} as scored_at
from {{ scored_rows }} as scored_rows
cross join champion
{%- endmacro %}
