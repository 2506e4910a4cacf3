{#- The instant of the var `as_of` as ISO text in UTC, or none. Within a replay it is the replay's cutoff. -#}
{% macro as_of() -%}
    {%- set value = context.get('replayed_as_of', var('as_of', none)) -%}
    {{ return(none if value is none else warehouse_ml.utc_instant('The var as_of', value)) }}
{%- endmacro %}
