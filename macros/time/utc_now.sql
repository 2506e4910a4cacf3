{#- The present instant as a timestamp in UTC. -#}
{% macro utc_now() -%}
    timezone('UTC', current_timestamp)
{%- endmacro %}
