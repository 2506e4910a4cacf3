{#- The last hook of a run: fails it where a model was refused or personal data is where it must not be, and else
    records that it reached its end and publishes the warehouse.
    One hook, as dbt counts those behind a failed one as skipped.
    results: of the run. -#}
{% macro _finish_run(results) -%}
    {%- if execute and warehouse_ml._is_beside() -%}{%- do adapter.publish_views() -%}{%- endif -%}
    {%- set refusals = warehouse_ml._report_decisions(results, warehouse_ml._personal_problems(results)) | trim -%}
    {%- if refusals -%}
        {{ refusals }}
    {%- else -%}
        {%- do warehouse_ml._record_run('reported') -%}
        {%- do warehouse_ml._publish(results) -%}
    {%- endif -%}
{%- endmacro %}
