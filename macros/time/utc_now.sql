{#- The present instant as a timestamp in UTC. -#}
{% macro utc_now() -%}
    {{- adapter.dispatch('utc_now', 'warehouse_ml')() -}}
{%- endmacro %}


{% macro default__utc_now() -%}
    timezone('UTC', current_timestamp)
{%- endmacro %}


{% macro spark__utc_now() -%}
    cast(current_timestamp() as timestamp_ntz)
{%- endmacro %}
