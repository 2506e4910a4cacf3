{#- Rejects a feature catalog that would not fit the declared views, or their tables, all problems at once.
    built: whether to compare the declared columns with those of the tables, which must be there then. -#}
{% macro check_feature_views(built=false) -%}
    {%- do warehouse_ml.check_blocks() -%}
    {%- if execute and not (model is defined and model.resource_type == 'unit_test') -%}
        {%- set views = warehouse_ml._declared_views() -%}
        {%- set problems = [] -%}
        {%- for node in views.values() if built -%}
            {%- do problems.extend(warehouse_ml._table_problems(node)) -%}
        {%- endfor -%}
        {%- if problems -%}
            {{ exceptions.raise_compiler_error('\n'.join(['The feature views cannot be used as they are declared.'] + problems)) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#- The nodes with a block `feature_view`, as a mapping of name -> node, in the order of their names. -#}
{% macro _declared_views() -%}
    {%- set views = {} -%}
    {%- for node in graph.nodes.values() | sort(attribute='name')
        if node.resource_type in ('model', 'seed', 'snapshot') and 'feature_view' in node.config.meta -%}
        {%- do views.update({node.name: node}) -%}
    {%- endfor -%}
    {{ return(views) }}
{%- endmacro %}


{#- Where the declared columns of a feature view are not those of its table: a list of sentences.
    node: node of the graph. -#}
{% macro _table_problems(node) -%}
    {%- set problems = [] -%}
    {%- set built = warehouse_ml.built_columns(node).keys() | list -%}
    {%- for name in node.columns if built and name not in built -%}
        {%- do problems.append(
            'column ' ~ name ~ ' of feature view ' ~ node.name ~ ' is not in its table; columns are: ' ~ built | join(', ')
            ~ '.' ~ warehouse_ml.nearest_name(name, built)
        ) -%}
    {%- endfor -%}
    {%- for name in built if name not in node.columns -%}
        {%- do problems.append(
            'column ' ~ name ~ ' of feature view ' ~ node.name ~ ' is not described: describe it and its nulls in the YAML.'
        ) -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}
