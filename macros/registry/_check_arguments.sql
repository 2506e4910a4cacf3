{#- Refuses arguments of a decision that are not what they must be, and a decision about a model that is not there or pinned.
    action: promote, rollback or release · model: name of the model · reason: why, or none · others: arguments that the
    action does not take · version: number of the version, or `previous` · force: whether gates may be overridden. -#}
{% macro _check_arguments(action, model, reason, others, version='previous', force=false) -%}
    {%- set known = var('ml_models') -%}
    {%- set arguments = ['model', 'reason'] + ([] if action == 'release' else ['version', 'force']) -%}
    {%- set problems = [] -%}
    {%- for name in others -%}
        {%- do problems.append(
            name ~ " is not an argument of it, which are " ~ arguments | join(', ') ~ "."
            ~ warehouse_ml.nearest_name(name, arguments)
        ) -%}
    {%- endfor -%}
    {%- if model is not string or model not in known -%}
        {%- do problems.append(
            "model is " ~ warehouse_ml._shown(model) ~ "; it must be a model of the var ml_models: " ~ known | join(', ') ~ "."
            ~ (warehouse_ml.nearest_name(model, known) if model is string)
        ) -%}
    {%- endif -%}
    {%- if version != 'previous' and (version is not integer or version < 1) -%}
        {%- do problems.append(
            "version is " ~ warehouse_ml._shown(version) ~ "; it must be the number of a version, such as version: 3."
        ) -%}
    {%- endif -%}
    {%- if reason is not none and reason is not string -%}
        {%- do problems.append("reason is " ~ warehouse_ml._shown(reason) ~ "; it must be a text, such as reason: 'audit'.") -%}
    {%- endif -%}
    {%- if force is not boolean -%}
        {%- do problems.append("force is " ~ warehouse_ml._shown(force) ~ "; it must be true or false.") -%}
    {%- endif -%}
    {%- if problems -%}
        {{ exceptions.raise_compiler_error(action ~ " changes nothing: " ~ problems | join(' ')) }}
    {%- endif -%}
    {%- do warehouse_ml._check_registry(action, model) -%}
{%- endmacro %}


{#- Refuses a decision about a model that is not in the warehouse, or is pinned.
    action: promote, rollback or release · model: name of the model. -#}
{% macro _check_registry(action, model) -%}
    {%- set versions_table = ref(project_name, model) -%}
    {%- set promotions = ref('warehouse_ml', 'model_promotions') -%}
    {%- for relation in [versions_table, ref('warehouse_ml', 'champion_history'), promotions]
        if not load_relation(relation) -%}
        {{ exceptions.raise_compiler_error(
            "The " ~ action ~ " must find the model and the registry in the warehouse, but " ~ relation
            ~ " is not there: run dbt build first."
        ) }}
    {%- endfor -%}
    {%- if 'is_forced' not in adapter.get_columns_in_relation(promotions) | map(attribute='name') -%}
        {{ exceptions.raise_compiler_error(
            action ~ " changes nothing: the registry in the warehouse was built by an older release; run dbt build first."
        ) }}
    {%- endif -%}
    {%- set pins = run_query(
        "select version from " ~ ref(project_name, 'model_pins') ~ " where model_name = '" ~ model ~ "'"
    ) -%}
    {%- for pin in pins.rows -%}
        {{ exceptions.raise_compiler_error(
            "Model '" ~ model ~ "' must have no pin for a " ~ action ~ ", but model_pins.csv pins it to version " ~ pin[0]
            ~ ": remove the pin, or change it, and run dbt build."
        ) }}
    {%- endfor -%}
{%- endmacro %}


{#- A value as a message shows it: its type where that is not plain to see.
    value: any. -#}
{% macro _shown(value) -%}
    {%- set text = value | string -%}
    {%- set short = text if text | length <= 40 else text[:40] ~ '…' -%}
    {%- if value is none -%}
        {{ return('missing') }}
    {%- elif value is string -%}
        {{ return("the text '" ~ short ~ "'") }}
    {%- endif -%}
    {{ return(short | lower if value is boolean else short) }}
{%- endmacro %}
