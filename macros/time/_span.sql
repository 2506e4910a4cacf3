{#- A length of time, such as `2 day` or `90 minute`, as an SQL interval; anything else is refused.
    text: number and unit; second, minute, hour, day or week. -#}
{% macro _span(text) -%}
    {%- if not warehouse_ml._is_span(text) -%}
        {{ exceptions.raise_compiler_error(
            "The span '" ~ text ~ "' is not valid: it must be a number above 0 and a unit (second, minute, hour, day or week), "
            ~ "such as '2 day'."
        ) }}
    {%- endif -%}
    {%- set number, unit = (text | string).split(' ') -%}
    interval '{{ number }}' {{ unit.rstrip('s') }}
{%- endmacro %}


{#- Whether something is a length of time as `span` takes it.
    text: what is to be one. -#}
{% macro _is_span(text) -%}
    {{ return(modules.re.fullmatch('[1-9][0-9]* (second|minute|hour|day|week)s?', text | string) is not none) }}
{%- endmacro %}
