{#- A relation for use after `from`: the name of a CTE is quoted, whatever words and signs it is made of.
    relation: relation, name of a CTE, or SQL such as `schema.name` or a subquery, which stays as it is. -#}
{% macro _quoted_relation(relation) -%}
    {{- warehouse_ml._quoted(relation) if relation is string and modules.re.fullmatch('[\w$-]+', relation) else relation -}}
{%- endmacro %}
