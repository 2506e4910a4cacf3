{#- What `ref` gives while models are rendered for a replay: a model's CTE, and the relation in the warehouse of what is
    read as it is. Takes what dbt's own `ref` takes. -#}
{% macro _replayed_ref() -%}
    {%- set version = kwargs.get('version', kwargs.get('v')) -%}
    {%- for node in graph.nodes.values()
        if node.name == varargs[-1]
        and node.resource_type in ['model', 'seed', 'snapshot']
        and (varargs | length == 1 or node.package_name == varargs[0])
        and (version if version is not none else node.get('latest_version')) | string == node.get('version') | string -%}
        {%- if node.resource_type == 'model' and node.name not in context['replayed_as_built'] -%}
            {%- do context['replayed_reads'].update({node.unique_id: node}) -%}
            {{ return(warehouse_ml._replayed_relation(node)) }}
        {%- else -%}
            {{ return(api.Relation.create(schema=node.schema, identifier=node.alias).include(database=false)) }}
        {%- endif -%}
    {%- endfor -%}
    {{ exceptions.raise_compiler_error(
        "A replay must find every model that is read in the project, but found none named '" ~ varargs | join('.')
        ~ "': correct the reference and run again."
    ) }}
{%- endmacro %}
