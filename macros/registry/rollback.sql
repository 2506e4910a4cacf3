{#- Makes the previous champion of a model its champion again at once, and holds it there until the next promotion,
    rollback or release: `dbt run-operation rollback --args '{model: flight_delay}'`.

    model: name of the model · version: the version to go back to, if not the previous champion · reason: why, for the
    history · force: whether a version that does not pass its gates and never was champion may score; the decision records
    it. -#}
{% macro rollback(model=none, version='previous', reason=none, force=false) -%}
    {%- set arguments = dict(kwargs, reason=reason, force=force) -%}
    {%- if version != 'previous' -%}{%- do arguments.update({'version': version}) -%}{%- endif -%}
    {%- do warehouse_ml._act('rollback', model, arguments) -%}
{%- endmacro %}
