{#- Refuses a decision about a model or a version that is not there, was altered, or is pinned.
    model: name of the model · action: promote, rollback or release · version: number of the version, or none. -#}
{% macro _check_decision(model, action, version=none) -%}
    {%- set known = var('ml_models') -%}
    {%- if model not in known -%}
        {{ exceptions.raise_compiler_error(
            "The " ~ action ~ " must name a model of the var ml_models, but found '" ~ model ~ "': write one of "
            ~ known | join(', ') ~ "."
        ) }}
    {%- endif -%}
    {%- set versions_table = ref(project_name, model) -%}
    {%- for relation in [versions_table, ref('warehouse_ml', 'champion_history'), ref('warehouse_ml', 'model_promotions')]
        if not load_relation(relation) -%}
        {{ exceptions.raise_compiler_error(
            "The " ~ action ~ " must find the model and the registry in the warehouse, but " ~ relation
            ~ " is not there: run dbt build first."
        ) }}
    {%- endfor -%}
    {%- set pins = run_query(
        "select version from " ~ ref(project_name, 'model_pins') ~ " where model_name = '" ~ model ~ "'"
    ) -%}
    {%- for pin in pins.rows -%}
        {{ exceptions.raise_compiler_error(
            "Model '" ~ model ~ "' must have no pin for a " ~ action ~ ", but model_pins.csv pins it to version " ~ pin[0]
            ~ ": remove the pin, or change it, and run dbt build."
        ) }}
    {%- endfor -%}
    {%- if version is not none -%}
        {%- do warehouse_ml._check_version(model, action, version) -%}
    {%- endif -%}
{%- endmacro %}
