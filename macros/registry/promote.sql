{#- Makes a version of a model its champion at once, and holds it there until the next promotion, rollback or release:
    `dbt run-operation promote --args '{model: flight_delay, version: 3}'`.

    model: name of the model · version: its number · reason: why, for the history. -#}
{% macro promote(model, version, reason=none) -%}
    {%- do warehouse_ml._check_decision(model, 'promote', version) -%}
    {%- do warehouse_ml._decide(model, 'promote', version, reason or 'to version ' ~ version) -%}
{%- endmacro %}
