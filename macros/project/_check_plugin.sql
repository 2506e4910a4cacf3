{#- Refuses a profile without the plugin that registers the SQL functions, before one of them is called: the engine would name a
    function that nobody wrote.
    only_with_models: whether the check is for projects that declare an ML model only. -#}
{% macro _check_plugin(only_with_models=false) -%}
    {%- if execute and not (only_with_models and not graph.nodes.values() | selectattr('config.materialized', 'equalto', 'ml_model') | list) -%}
        {#- The plugin sets it on every cursor. -#}
        {%- if warehouse_ml._ask("select getvariable('dbt_invocation_id')")[0][0] is none -%}
            {{ exceptions.raise_compiler_error(
                "The profile " ~ target.profile_name ~ " lacks the plugin of warehouse_ml, which gives dbt its SQL functions: add the line "
                ~ "`plugins: [{module: scoring.plugin, alias: warehouse_ml}]` to the output " ~ target.name ~ " in profiles.yml."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
