{#- Whether a model's YAML says that it need not beat the constant baseline, as a SQL condition.
    model_name: column with the model's name. -#}
{% macro may_lose_to_constant(model_name) -%}
    {%- set names = [] -%}
    {%- for name, block in _ml_blocks().items() if block.get('must_beat_constant') == false -%}
        {%- do names.append("'" ~ name | replace("'", "''") ~ "'") -%}
    {%- endfor -%}
    {{ model_name }} in ({{ names | join(', ') or "''" }})
{%- endmacro %}
