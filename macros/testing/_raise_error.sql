{#- A condition that stops the query with a message once it is evaluated.
    message: SQL text. -#}
{% macro _raise_error(message) -%}
    {{- adapter.dispatch('_raise_error', 'warehouse_ml')(message) -}}
{%- endmacro %}


{% macro default___raise_error(message) -%}
    cast(error({{ message }}) as boolean)
{%- endmacro %}


{% macro spark___raise_error(message) -%}
    cast(raise_error({{ message }}) as boolean)
{%- endmacro %}
