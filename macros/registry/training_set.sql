{#- The rows that a version was trained on, as a query in parentheses: the training query that the version keeps, with all
    models inlined down to the raw tables, as of its cutoff. `warehouse-ml training-set` also compares the fingerprint.

    model: relation of the model's versions, as ref() gives it · version: its number. -#}
{% macro training_set(model, version) -%}
    {%- if execute -%}
        {%- set rows = run_query(
            "select training_set.query, training_set.problem from " ~ model ~ " where version = " ~ version | int
        ).rows -%}
        {%- if not rows -%}
            {{ exceptions.raise_compiler_error(
                "The model " ~ model.identifier ~ " has no version " ~ version
                ~ ", but training_set needs one that is there: see ml.model_versions."
            ) }}
        {%- elif rows[0][0] is none -%}
            {{ exceptions.raise_compiler_error(
                "The training set of '" ~ model.identifier ~ "@" ~ version
                ~ "' cannot be built again, as its version holds no query: " ~ rows[0][1] ~ "."
            ) }}
        {%- endif -%}
(
{{ rows[0][0] }}
)
    {%- else -%}
(select 1 as training_set)
    {%- endif -%}
{%- endmacro %}
