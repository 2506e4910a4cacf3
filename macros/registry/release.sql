{#- Ends a promotion or rollback at once: the champion is again the newest version that met its gates.
    `dbt run-operation release --args '{model: flight_delay}'`.

    model: name of the model · reason: why, for the history. -#}
{% macro release(model=none, reason=none) -%}
    {%- do warehouse_ml._act('release', model, dict(kwargs, reason=reason)) -%}
{%- endmacro %}
