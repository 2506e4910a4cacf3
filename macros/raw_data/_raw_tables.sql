{#- The names of the raw tables under a contract, from the graph: none while dbt parses. A seed goes by its name, a source's
    table by `<source>.<table>`. -#}
{% macro _raw_tables() -%}
    {%- set names = [] -%}
    {%- for node in (graph.nodes.values() | list + graph.sources.values() | list if execute else [])
        if node.resource_type in ('seed', 'source') and 'raw_contract' in node.config.meta -%}
        {%- do names.append((node.source_name ~ '.' if node.source_name else '') ~ node.name) -%}
    {%- endfor -%}
    {{ return(names | sort) }}
{%- endmacro %}


{#- The names of the raw tables that decide which rows of one are accepted: those that its contract refers to, and theirs.
    table: name as above. -#}
{% macro _referred_tables(table) -%}
    {%- set names = [table] -%}
    {#- The list grows while it is walked. -#}
    {%- for name in names -%}
        {%- set references = warehouse_ml._raw_contract(name).references -%}
        {%- for to in (references.values() if references is mapping else []) -%}
            {%- for referred in ([to] if to is string else to) -%}
                {%- set other = referred.rsplit('.', 1)[0] -%}
                {%- if other not in names[1:] -%}{%- do names.append(other) -%}{%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(names[1:]) }}
{%- endmacro %}


{#- The relation to read a raw table from: the copy of one that lies outside of the warehouse, which the hook of the model has made. With
    `--empty` or `--sample` there is none; the table is then read where it lies.
    table: name as raw_tables() gives it · relation: the table where it lies. -#}
{% macro _read_relation(table, relation) -%}
    {%- if warehouse_ml._is_without_data() or not warehouse_ml._foreign_engine(relation) -%}
        {{ return(relation) }}
    {%- endif -%}
    {{ return(warehouse_ml._without_own_database(warehouse_ml._copy_of(table))) }}
{%- endmacro %}


{#- The raw tables that relations are of, as a mapping of name to relation, in the same order.
    relations: list of relations. -#}
{% macro _raw_relations(relations) -%}
    {%- set named = {} -%}
    {%- for relation in relations -%}
        {%- set names = [] -%}
        {%- for name in warehouse_ml._raw_tables() if warehouse_ml._is_of(warehouse_ml._raw_node(name), relation) -%}
            {%- do names.append(name) -%}
        {%- endfor -%}
        {%- if not names -%}
            {{ exceptions.raise_compiler_error(
                "accepted_rows in " ~ model.name ~ ": " ~ relation ~ " has no contract: add `meta: raw_contract:` to the YAML of the "
                ~ "seed or source, or select from it directly."
            ) }}
        {%- endif -%}
        {%- do named.update({names[0]: warehouse_ml._read_relation(names[0], relation)}) -%}
    {%- endfor -%}
    {{ return(named) }}
{%- endmacro %}
