{#- Refuses raw contracts that cannot be kept and models that read past them, all errors at once. -#}
{% macro check_raw_contracts() -%}
    {%- set tables = warehouse_ml.raw_tables() -%}
    {%- set problems = [] -%}
    {%- for table in tables -%}
        {%- for problem in warehouse_ml.raw_contract_problems(table, tables[:loop.index0]) -%}
            {%- do problems.append('the contract of ' ~ table ~ ' ' ~ problem) -%}
        {%- endfor -%}
        {%- set raw = warehouse_ml.raw_node(table) -%}
        {%- for node in graph.nodes.values() if raw and raw.unique_id in node.depends_on.nodes -%}
            {%- if node.resource_type == 'model' and node.name not in ('quarantine', 'data_quality')
                    and 'model.warehouse_ml.data_quality' not in node.depends_on.nodes -%}
                {%- do problems.append(
                    'the model ' ~ node.name ~ ' reads ' ~ table ~ " past its contract: select from accepted_rows('"
                    ~ table ~ "')"
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if problems -%}
        {{ exceptions.raise_compiler_error(
            "The raw tables must have contracts that can be kept, but " ~ problems | join('; ') ~ "."
        ) }}
    {%- endif -%}
{%- endmacro %}
