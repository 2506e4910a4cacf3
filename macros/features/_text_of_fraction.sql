{#- A floating-point number as an exact text, in hexadecimal digits: decimal ones are chosen differently by each engine.
    value: column or expression; null for null. -#}
{% macro _text_of_fraction(value) -%}
    {{- adapter.dispatch('_text_of_fraction', 'warehouse_ml')(value) -}}
{%- endmacro %}


{% macro default___text_of_fraction(value) -%}
    replace(format('{:a}', cast({{ value }} as double)), 'p+', 'p')
{%- endmacro %}


{#- Java writes 0x1.0p0 and Infinity for 0x1p0 and inf, and a text for null. -#}
{% macro spark___text_of_fraction(value) -%}
    case
        when {{ value }} is not null
            then replace(replace(lower(format_string('%a', cast({{ value }} as double))), '.0p', 'p'), 'infinity', 'inf')
    end
{%- endmacro %}
