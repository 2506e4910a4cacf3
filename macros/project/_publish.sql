{#- Publishes the warehouse after a build without an error, where the plugin's config in the profile has `publish`.
    results: of the run. -#}
{% macro _publish(results) -%}
    {%- set failed = results | map(attribute='status') | map('string') | select('in', ['error', 'fail', 'runtime error']) | list -%}
    {%- if execute and flags.WHICH in ('build', 'retry') and not failed and not warehouse_ml._is_without_data()
        and not warehouse_ml._is_beside() -%}
        {%- if run_query("select 1 from duckdb_functions() where function_name = 'ml_publish'").rows -%}
            {%- set done = run_query('select ml_publish()').rows[0][0] -%}
            {%- if done -%}{%- do log(done, info=true) -%}{%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
