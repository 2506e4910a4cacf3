{#- What a raw table must keep to, from its `config: meta: raw_contract:`, with defaults filled in: without a threshold
    no bad row is let through. A seed is typed as it is loaded, a source by `types`. `like` takes the types and the
    contract of a seed; what is written beside it goes before.
    table: name as raw_tables() gives it. -#}
{% macro raw_contract(table) -%}
    {%- set node = warehouse_ml.raw_node(table) -%}
    {%- set declared = (node.config.meta if node else {}).get('raw_contract') -%}
    {%- set declared = declared if declared is mapping else {} -%}
    {%- set model = warehouse_ml.raw_node(declared.like) if declared.like else none -%}
    {%- set inherited = model.config.meta.get('raw_contract', {}) if model else {} -%}
    {%- set contract = {
        'key': [],
        'required': [],
        'types': model.config.column_types if model else {},
        'ranges': {},
        'references': {},
        'rules': [],
        'max_bad_share': 0,
        'max_bad_share_by_rule': {},
        'min_score': 0,
        'weights': {'completeness': 1, 'accuracy': 1, 'validity': 1},
    } -%}
    {%- do contract.update(inherited) -%}
    {%- do contract.update(declared) -%}
    {%- if node -%}
        {%- set is_seed = node.resource_type == 'seed' -%}
        {%- do contract.update({
            'casts': {} if is_seed else contract.types,
            'columns': (node.config.column_types if is_seed and node.config.column_types else node.columns) | list,
            'declared_types': node.config.column_types if is_seed else contract.types,
            'may_be_empty': node.config.meta.get('may_be_empty', false),
        }) -%}
    {%- endif -%}
    {{ return(contract) }}
{%- endmacro %}
