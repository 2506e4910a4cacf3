{#- Rejects models that read raw tables past their contracts, all at once. -#}
{% macro check_raw_contracts() -%}
    {%- set problems = [] -%}
    {%- for table in warehouse_ml.raw_tables() -%}
        {%- set raw = warehouse_ml.raw_node(table) -%}
        {%- for node in graph.nodes.values()
            if raw.unique_id in node.depends_on.nodes and node.resource_type == 'model' -%}
            {%- if '_judge_raw_tables' not in node.config['pre-hook'] | string -%}
                {%- do problems.append(
                    node.original_file_path ~ ': the model ' ~ node.name ~ ' reads ' ~ table
                    ~ " past its contract: select from accepted_rows(" ~ warehouse_ml._reference(table) ~ ")"
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if problems -%}
        {{ exceptions.raise_compiler_error(problems | join('\n')) }}
    {%- endif -%}
{%- endmacro %}
