{#- The instant of the var `as_of` as ISO text in UTC, or none. Anything that is not an ISO date or timestamp without
    an offset is refused: a cutoff read wrongly would leak the future silently. -#}
{% macro as_of() -%}
    {%- set value = var('as_of', none) -%}
    {%- if value is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set text = value | string -%}
    {%- if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?', text) -%}
        {{ exceptions.raise_compiler_error(
            "The var as_of must be an ISO date or timestamp in UTC, such as '2013-02-15' or '2013-02-15 12:00:00'; found '"
            ~ text ~ "'. Correct it and run again."
        ) }}
    {%- endif -%}
    {{ return(modules.datetime.datetime.fromisoformat(text).isoformat(' ')) }}
{%- endmacro %}
