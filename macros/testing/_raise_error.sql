{#- A condition that stops the query with a message once it is evaluated.
    message: SQL text. -#}
{% macro _raise_error(message) -%}
    cast(error({{ message }}) as boolean)
{%- endmacro %}
