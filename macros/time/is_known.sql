{#- Whether a fact was known at the instant that the build is made as of; without `as_of` everything on record is.
    known_at: SQL timestamp in UTC, when the fact became known. -#}
{% macro is_known(known_at) -%}
    {%- set as_of = warehouse_ml.as_of() -%}
    {%- if as_of is none -%}
        {{ known_at }} is not null
    {%- else -%}
        {{ known_at }} <= timestamp '{{ as_of }}'
    {%- endif -%}
{%- endmacro %}
