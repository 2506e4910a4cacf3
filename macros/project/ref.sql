{#- References carry schema and name, not the database, so that views in the file still work when it is copied or renamed.
    Takes what dbt's own `ref` takes. -#}
{% macro ref() -%}
    {%- set version = kwargs.get('version', kwargs.get('v')) -%}
    {{ return(builtins.ref(*varargs, version=version).include(database=false)) }}
{%- endmacro %}
