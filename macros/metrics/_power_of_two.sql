{#- The power of two next to a sum of weights that is beyond 10 to the power of a number or below its inverse, else 1, as a SQL
    expression. Dividing by it changes no digit.
    value: column · digits: the number. -#}
{% macro _power_of_two(value, digits) -%}
    case
        when {{ value }} > 1e{{ digits }} or ({{ value }} > 0 and {{ value }} < 1e-{{ digits }})
            then power(2e0, floor(log2({{ value }})))
        else 1e0
    end
{%- endmacro %}
