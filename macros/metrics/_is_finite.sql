{#- Whether a number is known, no NaN and not infinite, as a SQL condition: null for null. NaN is greater than any number.
    value: column or expression; a sum is finite only where all its parts are. -#}
{% macro _is_finite(value) -%}
    abs({{ value }}) <= 1.7976931348623157e308
{%- endmacro %}
