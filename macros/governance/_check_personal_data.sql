{#- Rejects wrong marks `pii`, and feature views with personal data that they do not allow by name, before the first node. A training
    set is checked as its model is trained, so that it stops no other. -#}
{% macro _check_personal_data() -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'retry', 'seed', 'snapshot') and warehouse_ml._has_personal_data() -%}
        {%- do warehouse_ml._check_plugin() -%}
        {%- set problems = warehouse_ml._personal_data({'do': 'check'}) -%}
        {%- if problems -%}
            {{ exceptions.raise_compiler_error(problems | join('\n')) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#- What is wrong with personal data: a list of sentences.
    request: mapping, see training.personal.project. -#}
{% macro _personal_data(request) -%}
    {{ return(warehouse_ml._ask(
        'select unnest(ml_personal_data(' ~ warehouse_ml._text(tojson(request)) ~ ')) as problem'
    ) | map(attribute=0) | list) }}
{%- endmacro %}


{#- What is wrong with the slices of the monitor that is built: a list of sentences. -#}
{% macro _personal_slices() -%}
    {{ return(warehouse_ml._personal_data({'do': 'monitor', 'node': model.unique_id}) if warehouse_ml._has_personal_data() else []) }}
{%- endmacro %}
