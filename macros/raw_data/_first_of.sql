{#- A list as text, cut off after so many: `a, b and 49,998 more`.
    items: list of texts · most: how many are listed. -#}
{% macro _first_of(items, most=10) -%}
    {%- set items = items | list -%}
    {%- set more = items | length - most -%}
    {{ return(items[:most] | join(', ') ~ (' and ' ~ '{:,}'.format(more) ~ ' more' if more > 0 else '')) }}
{%- endmacro %}
