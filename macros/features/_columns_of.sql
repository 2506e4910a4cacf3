{#- The names of a relation's columns, where it has just been built; none of a CTE or of what a replay or a unit test reads.
    relation: relation or CTE. -#}
{% macro _columns_of(relation) -%}
    {%- set is_built = execute and flags.WHICH in ('build', 'run') and model.resource_type == 'model' and relation.identifier is defined -%}
    {{ return(adapter.get_columns_in_relation(relation) | map(attribute='name') | list if is_built else []) }}
{%- endmacro %}
