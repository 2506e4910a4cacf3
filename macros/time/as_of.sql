{#- The instant of the var `as_of` as ISO text in UTC, or none. -#}
{% macro as_of() -%}
    {%- set value = var('as_of', none) -%}
    {{ return(none if value is none else warehouse_ml.utc_instant('The var as_of', value)) }}
{%- endmacro %}
