{#- A length of time, such as `2 day` or `90 minute`, as an SQL interval; anything else is refused.
    text: number and unit; second, minute, hour, day or week. -#}
{% macro span(text) -%}
    {%- set match = modules.re.fullmatch('([1-9][0-9]*) (second|minute|hour|day|week)s?', text | string) -%}
    {%- if not match -%}
        {{ exceptions.raise_compiler_error(
            "A span must be a number above 0 and a unit (second, minute, hour, day or week), such as '2 day', but found '"
            ~ text ~ "': correct it."
        ) }}
    {%- endif -%}
    interval '{{ match.group(1) }}' {{ match.group(2) }}
{%- endmacro %}
