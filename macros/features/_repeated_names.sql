{#- The names, in small letters, that two columns would have.
    present: names of the columns there are, which have names of their own · added: names of the new ones. -#}
{% macro _repeated_names(present, added) -%}
    {%- set names = (present + added) | map('lower') | list -%}
    {%- set repeated = [] -%}
    {%- for name in added | map('lower') | unique if names.count(name) > 1 -%}{%- do repeated.append(name) -%}{%- endfor -%}
    {{ return(repeated) }}
{%- endmacro %}
