{#- The UTC instant at which clocks in a time zone show a local time. A local time that the change to summer time
    skips is read as if the clock had not been changed yet.
    local_time: SQL timestamp · time_zone: SQL text, an IANA name. -#}
{% macro to_utc(local_time, time_zone) -%}
    timezone('UTC', timezone({{ time_zone }}, {{ local_time }}))
{%- endmacro %}
