{#- The local time that clocks in a time zone show at a UTC instant.
    instant: SQL timestamp in UTC · time_zone: SQL text, an IANA name. -#}
{% macro from_utc(instant, time_zone) -%}
    timezone({{ time_zone }}, timezone('UTC', {{ instant }}))
{%- endmacro %}
