{#- Makes a version of a model its champion at once, and holds it there until the next promotion, rollback or release:
    `dbt run-operation promote --args '{model: flight_delay, version: 3}'`.

    model: name of the model · version: its number · reason: why, for the history · force: whether a version that does not
    pass its gates may score; the decision records it. -#}
{% macro promote(model=none, version=none, reason=none, force=false) -%}
    {%- do warehouse_ml._act('promote', model, dict(kwargs, version=version, reason=reason, force=force)) -%}
{%- endmacro %}
