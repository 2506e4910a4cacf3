{#- References to this warehouse carry schema and name, not the database, so that views in the file still work when it is
    copied or renamed; those to another database, as of an attached one or a deferred target, carry it. Takes what dbt's own
    `ref` takes. -#}
{% macro ref() -%}
    {%- set relation = builtins.ref(*varargs, version=kwargs.get('version', kwargs.get('v'))) -%}
    {{ return(warehouse_ml._without_own_database(relation)) }}
{%- endmacro %}


{#- A relation without its database where that is the target's.
    relation: relation. -#}
{% macro _without_own_database(relation) -%}
    {{ return(relation.include(database=relation.database is not none and relation.database != target.database)) }}
{%- endmacro %}
