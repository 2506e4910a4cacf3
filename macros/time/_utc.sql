{#- An instant as a timestamp in UTC, whatever its type and the time zone of the session. Without it the engine reads a timestamp
    beside one with a time zone, as Parquet files have it, as local time of the session, so that a build knows hours more or
    less from machine to machine; and it drops the offset of a text.
    instant: SQL date or timestamp, with a time zone or in UTC, or text · cast: try_cast gives null for text that is no
    instant, or has an offset of 16 hours or more, instead of an error. -#}
{% macro _utc(instant, cast='cast') -%}
    {{- adapter.dispatch('_utc', 'warehouse_ml')(instant, cast) -}}
{%- endmacro %}


{% macro default___utc(instant, cast='cast') -%}
    {#- The type is known before the query runs, so that a timestamp costs nothing. An infinite instant has no number of
        microseconds. -#}
    {%- set text -%} cast({{ instant }} as varchar) {%- endset -%}
    case when typeof({{ instant }}) = 'TIMESTAMP WITH TIME ZONE' then coalesce(make_timestamp(epoch_us({{ cast }}({{ instant }} as timestamptz))), {{ cast }}({{ instant }} as timestamp)) when typeof({{ instant }}) not in ('TIMESTAMP', 'DATE') and regexp_matches({{ text }}, ':[0-9.]+[+-]') then make_timestamp(epoch_us({{ cast }}(case when regexp_matches({{ text }}, '[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?$') then {{ text }} else '' end as timestamptz))) else {{ cast }}({{ instant }} as timestamp) end
{%- endmacro %}


{#- A text without an offset, a date and a timestamp without a time zone are read in the time zone of the session, UTC. -#}
{% macro spark___utc(instant, cast='cast') -%}
    cast({{ cast }}({{ instant }} as timestamp_ltz) as timestamp_ntz)
{%- endmacro %}
