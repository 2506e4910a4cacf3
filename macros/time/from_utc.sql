{#- The local time that clocks in a time zone show at a UTC instant.
    instant: SQL timestamp in UTC, or with a time zone · time_zone: SQL text, an IANA name. -#}
{% macro from_utc(instant, time_zone) -%}
    timezone({{ time_zone }}, timezone('UTC', {{ warehouse_ml._utc(instant) }}))
{%- endmacro %}
