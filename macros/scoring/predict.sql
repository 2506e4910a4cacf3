{#- A query of the rows to score with three more columns: `prediction` by the model's champion (the probability of the
    positive class, or the value), `model_version` and `scored_at` in UTC. A model without a champion is an error.

    model: relation of the model's versions, as ref() gives it · scored_rows: relation with the model's features. -#}
{% macro predict(model, scored_rows) -%}
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
    ml_predict('{{ model.identifier }}@' || champion.version, scored_rows) as prediction,
    champion.version as model_version,
    {{ warehouse_ml.utc_now() }} as scored_at
from {{ scored_rows }} as scored_rows
cross join champion
{%- endmacro %}
