{#- An aggregate: all texts in one, in their order and with a blank between them; null of none.
    text: SQL text. -#}
{% macro _texts_in_order(text) -%}
    {{- adapter.dispatch('_texts_in_order', 'warehouse_ml')(text) -}}
{%- endmacro %}


{% macro default___texts_in_order(text) -%}
    string_agg({{ text }}, ' ' order by {{ text }} asc)
{%- endmacro %}


{% macro spark___texts_in_order(text) -%}
    listagg({{ text }}, ' ') within group (order by {{ text }} asc)
{%- endmacro %}
