{#- References carry schema and name, not the database, so that views in the file still work when it is copied or renamed.
    The registry reads whole relations, also with dbt's `--empty` and `--sample`: its views outlive the run, and no decision
    follows from rows that were left out. Takes what dbt's own `ref` takes. -#}
{% macro ref() -%}
    {%- set version = kwargs.get('version', kwargs.get('v')) -%}
    {%- set relation = builtins.ref(*varargs, version=version).include(database=false) -%}
    {%- if model is defined and 'registry' in model.fqn and model.resource_type != 'test' -%}
        {%- set relation = relation.replace(limit=none, event_time_filter=none) -%}
    {%- endif -%}
    {{ return(relation) }}
{%- endmacro %}
