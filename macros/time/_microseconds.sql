{#- The number of microseconds from the start of 1970 to an instant.
    instant: SQL date or timestamp. -#}
{% macro _microseconds(instant) -%}
    {{- adapter.dispatch('_microseconds', 'warehouse_ml')(instant) -}}
{%- endmacro %}


{% macro default___microseconds(instant) -%}
    epoch_us({{ instant }})
{%- endmacro %}


{% macro spark___microseconds(instant) -%}
    unix_micros(cast({{ instant }} as timestamp_ltz))
{%- endmacro %}
