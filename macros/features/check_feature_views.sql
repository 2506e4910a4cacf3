{#- Refuses feature views that are not declared as they must be, all errors at once. It runs before the first node of every
    dbt command that runs nodes, and wherever the views are read.
    In a unit test dbt shows no YAML of other models, so that nothing can be checked there.
    built: whether to compare the declared columns with those of the tables, which must be there then. -#}
{% macro check_feature_views(built=false) -%}
    {%- if execute and not (model is defined and model.resource_type == 'unit_test') -%}
        {%- set views = warehouse_ml._declared_views() -%}
        {%- set problems = [] -%}
        {%- for node in views.values() -%}
            {%- do problems.extend(warehouse_ml.check_feature_view(node, built)) -%}
        {%- endfor -%}
        {%- do problems.extend(warehouse_ml._entity_problems(views)) -%}
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


{#- Where views of one entity have different keys: a list of sentences.
    views: mapping of name -> node of the graph. -#}
{% macro _entity_problems(views) -%}
    {%- set problems = [] -%}
    {%- set first_of = {} -%}
    {%- for name, node in views.items() if node.config.meta.feature_view is mapping -%}
        {%- set entity = node.config.meta.feature_view.entity -%}
        {%- set keys = warehouse_ml.grain_of_view(node.config.meta.feature_view)['keys'] -%}
        {%- set first = first_of.setdefault(entity | string, {'name': name, 'keys': keys}) -%}
        {%- if entity and keys and keys | sort != first['keys'] | sort -%}
            {%- do problems.append(
                'The feature view ' ~ name ~ ' must have as feature_view.keys those of every view of the entity ' ~ entity
                ~ ', which are ' ~ first['keys'] | join(', ') ~ ' in ' ~ first.name ~ ', but found ' ~ keys | join(', ')
                ~ ': correct the keys, or name another entity.'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}
