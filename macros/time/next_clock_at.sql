{#- The first instant after another at which the clocks in a time zone show a given clock number.
    after: SQL timestamp in UTC · clock: SQL integer (1545 = 15:45) · time_zone: SQL text, an IANA name. -#}
{% macro next_clock_at(after, clock, time_zone) -%}
    {%- set local_after = warehouse_ml.from_utc(after, time_zone) -%}
    {%- set same_day = warehouse_ml.add_minutes("cast(cast(" ~ local_after ~ " as date) as timestamp)", warehouse_ml.clock_minutes(clock)) -%}
    case
        when {{ same_day }} > {{ local_after }} then {{ warehouse_ml.to_utc(same_day, time_zone) }}
        else {{ warehouse_ml.to_utc(same_day ~ " + interval '1' day", time_zone) }}
    end
{%- endmacro %}
