{#- The names of the building project's models, from the var `ml_models`. A node with `meta: ml:` that the list leaves
    out, or a name that no such node has, is refused: a model nobody lists would be neither gated nor scored.

    The list cannot come from the graph itself: while dbt parses, when the references that order the nodes are made,
    the graph is empty. -#}
{% macro ml_models() -%}
    {%- set listed = var('ml_models') -%}
    {%- if execute -%}
        {%- if not listed -%}
            {{ exceptions.raise_compiler_error(
                "The var ml_models must name at least one model with `meta: ml:`, but it is empty: add the project's models "
                ~ "in dbt_project.yml."
            ) }}
        {%- endif -%}
        {%- set declared = [] -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
            {%- if node.config.meta.get('ml') or node.config.materialized == 'ml_model' -%}
                {%- do declared.append(node.name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set problems = [] -%}
        {%- for name in declared | reject('in', listed) | sort -%}
            {%- do problems.append("it leaves out '" ~ name ~ "', which has `meta: ml:`") -%}
        {%- endfor -%}
        {%- for name in listed | reject('in', declared) | sort -%}
            {%- do problems.append(
                "it lists '" ~ name ~ "', but no model of that name has `meta: ml:`" ~ warehouse_ml.nearest_name(name, declared)
            ) -%}
        {%- endfor -%}
        {%- if problems -%}
            {{ exceptions.raise_compiler_error(
                "The var ml_models in dbt_project.yml must list every model with `meta: ml:`: " ~ problems | join('; ')
                ~ ": correct the list or the model's name."
            ) }}
        {%- endif -%}
    {%- endif -%}
    {{ return(listed) }}
{%- endmacro %}
