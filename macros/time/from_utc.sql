{#- The local time that clocks in a time zone show at a UTC instant.
    instant: SQL timestamp in UTC, or with a time zone · time_zone: SQL text, an IANA name. -#}
{% macro from_utc(instant, time_zone) -%}
    {{- adapter.dispatch('from_utc', 'warehouse_ml')(instant, time_zone) -}}
{%- endmacro %}


{% macro default__from_utc(instant, time_zone) -%}
    timezone({{ time_zone }}, timezone('UTC', {{ warehouse_ml._utc(instant) }}))
{%- endmacro %}


{% macro spark__from_utc(instant, time_zone) -%}
    convert_timezone('UTC', {{ time_zone }}, {{ warehouse_ml._utc(instant) }})
{%- endmacro %}
