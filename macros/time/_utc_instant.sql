{#- A cutoff as ISO text in UTC. Anything that is not an ISO date or timestamp without an offset is refused: a cutoff read
    wrongly would leak the future silently.
    name: what gives the cutoff, as the message says it · value: the cutoff. -#}
{% macro _utc_instant(name, value) -%}
    {%- set text = value | string -%}
    {%- set day = '([12][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])' -%}
    {%- set time = '([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?)?' -%}
    {%- set match = modules.re.fullmatch(day ~ time, text) -%}
    {%- if match -%}
        {%- set first_day = modules.datetime.date(match.group(1) | int, match.group(2) | int, 1) -%}
        {%- set next_month = (first_day + modules.datetime.timedelta(days=31)).replace(day=1) -%}
        {%- set last_day = next_month - modules.datetime.timedelta(days=1) -%}
    {%- endif -%}
    {%- if not match or match.group(3) | int > last_day.day -%}
        {{ exceptions.raise_compiler_error(
            name ~ " must be an ISO date or timestamp in UTC, such as '2013-02-15' or '2013-02-15 12:00:00'; found '"
            ~ text ~ "'. Correct it and run again."
        ) }}
    {%- endif -%}
    {{ return(modules.datetime.datetime.fromisoformat(text).isoformat(' ')) }}
{%- endmacro %}
