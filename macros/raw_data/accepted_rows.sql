{#- The rows of a raw table that keep its contract, as a subquery to select from; the others are in staging.quarantine. A
    model that reads it waits for `monitoring.data_quality` and its thresholds.
    table: name as in `raw_tables`. -#}
{% macro accepted_rows(table) -%}
    {%- if not execute -%}
        {%- if model.name not in ('quarantine', 'data_quality') -%}
            {%- do ref('warehouse_ml', 'data_quality') -%}
        {%- endif -%}
        {{ return(warehouse_ml.raw_relation(table) | string) }}
    {%- endif -%}
    {%- if table not in warehouse_ml.raw_tables() -%}
        {{ exceptions.raise_compiler_error(
            "The raw table that accepted_rows reads must be in the var raw_tables, but " ~ table ~ " is not: add it in "
            ~ "dbt_project.yml, after the tables that its raw_contract refers to."
        ) }}
    {%- endif -%}
    {%- set contract = warehouse_ml.raw_contract(table) -%}
(
    select {{ warehouse_ml.quoted_columns(contract.columns) | join(', ') }}
    from (
        {{ warehouse_ml.checked_rows(table) | indent(8) }}
    ) as checked_rows
    where not {{ warehouse_ml.breaks_a_rule(table) }}
)
{%- endmacro %}
