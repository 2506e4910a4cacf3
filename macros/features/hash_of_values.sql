{#- A text that depends on some values of a row: the same for the same values on every engine, and as good as never for others.
    columns: list of names · fractions: list of those among them that are floating-point numbers, whose texts are not the same
    everywhere. -#}
{% macro hash_of_values(columns, fractions=[]) -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- set name = warehouse_ml._quoted(column) -%}
        {%- set text = warehouse_ml._text_of_fraction(name) if column in fractions else 'cast(' ~ name ~ ' as string)' -%}
        {#- With its length, so that no values run into others. -#}
        {%- do texts.append("coalesce(length(" ~ text ~ ") || ':' || " ~ text ~ ", '-')") -%}
    {%- endfor -%}
    md5(concat_ws(' ', {{ texts | join(', ') }}))
{%- endmacro %}
