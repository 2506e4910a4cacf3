{#- The names of the building project's feature views, from the var `feature_views`: a list, or Jinja that gives one.

    The list cannot come from the graph itself: while dbt parses, when the references that order the nodes are made,
    the graph is empty. Whether it is complete is for check_feature_views to say. -#}
{% macro feature_views() -%}
    {%- set listed = var('feature_views', []) -%}
    {%- set listed = (fromyaml(render(listed)) if listed is string else listed) or [] -%}
    {%- if listed is string or listed is mapping or listed is not iterable -%}
        {{ exceptions.raise_compiler_error(
            "The var feature_views must be a list of names of models, but found " ~ listed ~ ": write such as feature_views: ["
            ~ (listed if listed is string else 'customer_orders') ~ "] in dbt_project.yml."
        ) }}
    {%- endif -%}
    {{ return(listed) }}
{%- endmacro %}
