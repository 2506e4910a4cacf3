{#- Refuses a seed and an ML model of the same name in one package: dbt warns at most, and then takes the YAML of the model for
    the seed's. Other models may share a seed's name, as dbt lets them. -#}
{% macro _check_one_name() -%}
    {%- set namesakes = graph.nodes.values()
        | selectattr('name', 'equalto', model.name) | selectattr('package_name', 'equalto', model.package_name) | list -%}
    {%- set seeds = namesakes | selectattr('resource_type', 'equalto', 'seed') | list -%}
    {%- set models = namesakes | selectattr('config.materialized', 'equalto', 'ml_model') | list -%}
    {%- if seeds and models -%}
        {{ exceptions.raise_compiler_error(
            "The seed " ~ seeds[0].original_file_path ~ " and the model " ~ models[0].original_file_path
            ~ " have the same name, so that dbt takes the YAML and the ref of one for those of the other: rename one of them."
        ) }}
    {%- endif -%}
{%- endmacro %}
