{#- A relation that has no columns of some names, for use after `from`. The columns of a CTE cannot be looked up while SQL is
    written, so a reference to each name stands beside it: the engine reports it as ambiguous where the CTE has one too.
    relation: relation or CTE · names: list of the columns that a query adds to it. -#}
{% macro _without_columns(relation, names) -%}
    {%- set source = warehouse_ml._quoted_relation(relation) -%}
    {%- if relation is not string or source == relation or not names -%}
        {{- source -}}
    {%- else -%}
(
    select {{ source }}.*
    from {{ source }}
    cross join (
        select
            {%- for name in names %}
            1 as {{ warehouse_ml._quoted(name) }}{{ ',' if not loop.last }}
            {%- endfor %}
    ) as {{ warehouse_ml._quoted('columns added here: give one of the two another name') }}
    where
        {%- for name in names %}
        {{ 'and ' if not loop.first }}{{ warehouse_ml._quoted(name) }} = 1
        {%- endfor %}
)
    {%- endif -%}
{%- endmacro %}
