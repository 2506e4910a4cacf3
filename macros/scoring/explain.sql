{#- A query of the rows with what each feature adds to the raw score of the model's champion, `explanation`, its
    `model_version` and `scored_at` in UTC. A model without a champion is an error.

    model: relation of the model's versions, as ref() gives it · scored_rows: relation with the model's features
    · k: how many features to name, those that add or take most; all of them where none · prefix: what the names of all
    added columns begin with; rows that have one of them are refused. -#}
{% macro explain(model, scored_rows, k=none, prefix='') -%}
    {%- if k is not none and (k is not integer or k < 1) -%}
        {{ exceptions.raise_compiler_error(
            "The k of explain is '" ~ k ~ "': it must be a whole number from 1 on, of the features to name; correct the call."
        ) }}
    {%- endif -%}
    {{ warehouse_ml._check_names(
        'explain', scored_rows, [prefix ~ 'explanation', prefix ~ 'model_version', prefix ~ 'scored_at']
    ) }}
with champion as (

    {{ warehouse_ml._champion(model) }}

)

select
    scored_rows.*,
    ml_explain({{ warehouse_ml._text(model.render() | replace('"', '') ~ '@') }} || champion.version, {{ warehouse_ml._row_as_struct('scored_rows') }}{{ '' if k is none else ', ' ~ k }}) as {{ warehouse_ml._quoted(prefix ~ 'explanation') }},
    champion.version as {{ warehouse_ml._quoted(prefix ~ 'model_version') }},
    {{ warehouse_ml.utc_now() }} as {{ warehouse_ml._quoted(prefix ~ 'scored_at') }}
from {{ scored_rows }} as scored_rows
cross join champion
{%- endmacro %}
