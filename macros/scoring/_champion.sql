{#- A query of the version that scores, one row. A model without a champion is an error.
    model: relation of the model's versions, as ref() gives it. -#}
{% macro _champion(model) -%}
    select coalesce(
        max(version),
        {{ warehouse_ml.raise_error(
            "'The model " ~ model.identifier ~ " must have a version that passed its gates before it can score, but it has none: "
            ~ "see ml.gate_failures, then improve the model or move the gate.'"
        ) }}
    ) as version
    from {{ ref('warehouse_ml', 'champions') }}
    where model_name = '{{ model.identifier }}'
{%- endmacro %}
