{#- Makes the previous champion of a model its champion again at once, and holds it there until the next promotion,
    rollback or release: `dbt run-operation rollback --args '{model: flight_delay}'`.

    model: name of the model · version: the version to go back to, if not the previous champion · reason: why, for the
    history · force: whether a version that does not pass its gates and never was champion may score; the decision records
    it. -#}
{% macro rollback(model=none, version='previous', reason=none, force=false) -%}
    {%- do warehouse_ml._check_arguments('rollback', model, reason, kwargs, version=version, force=force) -%}
    {%- set champions = run_query(
        "select version from " ~ ref('warehouse_ml', 'champion_history') ~ " where model_name = '" ~ model ~ "' "
        ~ "order by live_from_at desc"
    ).columns['version'].values() | map('int') | list -%}
    {%- set earlier = champions | reject('equalto', champions | first) | list -%}
    {%- if version == 'previous' and not earlier -%}
        {{ exceptions.raise_compiler_error(
            "Model '" ~ model ~ "' must have had another champion to go back to, but its history has "
            ~ ('version ' ~ champions[0] ~ ' only' if champions else 'none')
            ~ ": name a version, as in --args '{model: " ~ model ~ ", version: 1}'."
        ) }}
    {%- endif -%}
    {%- set target_version = earlier | first if version == 'previous' else version -%}
    {%- set is_forced = warehouse_ml._check_version(model, 'rollback', target_version, force, champions) -%}
    {%- set default_reason = 'from version ' ~ champions[0] if champions else 'to version ' ~ target_version -%}
    {%- do warehouse_ml._decide(model, 'rollback', target_version, reason or default_reason, is_forced) -%}
{%- endmacro %}
