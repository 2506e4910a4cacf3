{#- Rejects models that read raw tables past their contracts, and tables where a copy of a source would be, all at once. -#}
{% macro _check_raw_contracts() -%}
    {%- set problems = [] -%}
    {%- set copies = {} -%}
    {%- for table in warehouse_ml._raw_tables() -%}
        {%- set raw = warehouse_ml._raw_node(table) -%}
        {%- for node in graph.nodes.values()
            if raw.unique_id in node.depends_on.nodes and node.resource_type == 'model' -%}
            {%- if '_judge_raw_tables' not in node.config['pre-hook'] | string -%}
                {%- do problems.append(
                    node.original_file_path ~ ': the model ' ~ node.name ~ ' reads ' ~ table
                    ~ " past its contract: select from accepted_rows(" ~ warehouse_ml._reference(table) ~ ")"
                ) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if raw.resource_type == 'source' -%}
            {%- set copy = warehouse_ml._copy_of(table) -%}
            {%- set place = copy.schema ~ '.' ~ copy.identifier -%}
            {%- for node in graph.nodes.values() if node.schema ~ '.' ~ node.alias == place -%}
                {%- do copies.update({place: node.name}) -%}
            {%- endfor -%}
            {%- if place in copies -%}
                {%- do problems.append(
                    'the source ' ~ table ~ ' conflicts with ' ~ copies[place] ~ ', as its copy would be ' ~ place
                    ~ ': give one of them another name'
                ) -%}
            {%- endif -%}
            {%- do copies.update({place: table}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if problems -%}
        {{ exceptions.raise_compiler_error(problems | join('\n')) }}
    {%- endif -%}
{%- endmacro %}
