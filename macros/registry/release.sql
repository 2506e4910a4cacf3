{#- Ends a promotion or rollback at once: the champion is again the newest version that met its gates.
    `dbt run-operation release --args '{model: flight_delay}'`.

    model: name of the model · reason: why, for the log. -#}
{% macro release(model=none, reason=none) -%}
    {%- do warehouse_ml._check_arguments('release', model, reason, kwargs) -%}
    {%- do warehouse_ml._decide(model, 'release', none, reason or 'back to the gates') -%}
{%- endmacro %}
