{#- An instant as a timestamp in UTC, whatever its type. Without it the engine reads a timestamp beside one with a time zone,
    as Parquet files have it, as local time of the session, so that a build knows hours more or less from machine to machine.
    instant: SQL date or timestamp, with a time zone or in UTC. -#}
{% macro utc(instant) -%}
    {#- The type is known before the query runs, so that a timestamp costs nothing. An infinite instant has no number of
        microseconds. -#}
    case when typeof({{ instant }}) = 'TIMESTAMP WITH TIME ZONE' then coalesce(make_timestamp(epoch_us({{ instant }})), cast({{ instant }} as timestamp)) else cast({{ instant }} as timestamp) end
{%- endmacro %}
