{#- The raw tables under a contract, from the var `raw_tables`: a list of names, or Jinja that gives one. A seed goes by
    its name, a source's table by `<source>.<table>`; a table comes after those that its contract refers to. -#}
{% macro raw_tables() -%}
    {%- set listed = var('raw_tables', []) -%}
    {{ return(fromyaml(render(listed)) if listed is string else listed) }}
{%- endmacro %}
