{#- What a null of a feature may mean; each feature declares one of these under `config: meta: nulls:`. A mapping of rule
    -> what it says. -#}
{% macro null_rules() -%}
    {{ return({
        'never': 'every row of the view has a value',
        'none yet': 'nothing has happened yet that the value could be taken from',
        'unknown': 'there is a value, but nobody recorded it',
        'not applicable': 'there is no such value for the row',
    }) }}
{%- endmacro %}
