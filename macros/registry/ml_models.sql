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
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.meta.get('ml') -%}
            {%- do declared.append(node.name) -%}
        {%- endfor -%}
        {%- set unlisted = declared | reject('in', listed) | sort -%}
        {%- set unknown = listed | reject('in', declared) | sort -%}
        {%- if unlisted or unknown -%}
            {{ exceptions.raise_compiler_error(
                "The var ml_models must name every model with `meta: ml:`, but it "
                ~ (("leaves out " ~ unlisted | join(', ')) if unlisted else '')
                ~ (' and ' if unlisted and unknown else '')
                ~ (("names " ~ unknown | join(', ') ~ ", which no model declares") if unknown else '')
                ~ ": correct the list in dbt_project.yml."
            ) }}
        {%- endif -%}
    {%- endif -%}
    {{ return(listed) }}
{%- endmacro %}
