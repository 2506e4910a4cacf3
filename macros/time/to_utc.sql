{#- The UTC instant at which clocks in a time zone show a local time. A local time that the change to summer time
    skips is read as if the clock had not been changed yet; of the two instants at which clocks show a local time of the hour
    that happens twice in autumn, it is the later one.
    local_time: SQL timestamp · time_zone: SQL text, an IANA name. -#}
{% macro to_utc(local_time, time_zone) -%}
    {{- adapter.dispatch('to_utc', 'warehouse_ml')(local_time, time_zone) -}}
{%- endmacro %}


{% macro default__to_utc(local_time, time_zone) -%}
    timezone('UTC', timezone({{ time_zone }}, {{ local_time }}))
{%- endmacro %}


{#- The engine takes the earlier of two instants. With the offset that holds a day later it is the later one, wherever the
    clocks show the local time at that instant at all. The local time is the value of a list of one, so that its expression,
    which may be long, stands here once. -#}
{% macro spark__to_utc(local_time, time_zone) -%}
    {%- set later -%}
        convert_timezone({{ time_zone }}, 'UTC', __local + interval '1' day) - interval '1' day
    {%- endset -%}
    transform(array(cast({{ local_time }} as timestamp_ntz)), __local -> case when convert_timezone('UTC', {{ time_zone }}, {{ later }}) = __local then {{ later }} else convert_timezone({{ time_zone }}, 'UTC', __local) end)[0]
{%- endmacro %}
