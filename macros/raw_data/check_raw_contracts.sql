{#- Refuses raw contracts that cannot be kept and models that read past them, all errors at once. -#}
{% macro check_raw_contracts() -%}
    {%- set tables = warehouse_ml.raw_tables() -%}
    {%- set problems = [] -%}
    {%- for table in tables -%}
        {%- for problem in warehouse_ml.raw_contract_problems(table, tables) -%}
            {%- do problems.append('the contract of ' ~ table ~ ' ' ~ problem) -%}
        {%- endfor -%}
        {%- set raw = warehouse_ml.raw_node(table) -%}
        {%- for node in graph.nodes.values()
            if raw.unique_id in node.depends_on.nodes and node.resource_type == 'model' -%}
            {%- if '_judge_raw_tables' not in node.config['pre-hook'] | string -%}
                {%- do problems.append(
                    'the model ' ~ node.name ~ ' reads ' ~ table ~ " past its contract: select from accepted_rows("
                    ~ warehouse_ml._reference(table) ~ ')'
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
