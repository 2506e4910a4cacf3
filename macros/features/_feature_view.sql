{#- What a join must know of a feature view, from the block `config: meta: feature_view:` of its YAML: a mapping of
    relation, alias, prefix, keys (column of the spine -> column of the view), event_at, known_at, ttl, features (the
    other columns described) and is_unique (a data test says that no two rows share keys and both clocks).

    In a unit test dbt shows no YAML of other models, so that the keys must stand beside the view there.

    entry: a relation, or a mapping with `view`, a relation, and what differs from its block: keys (columns, or
    spine column -> view column), prefix, ttl. -#}
{% macro _feature_view(entry) -%}
    {#- A relation of dbt is a mapping too. -#}
    {%- set settings = {'view': entry} if entry.identifier is defined else entry -%}
    {%- set name = settings['view'].identifier | replace('__dbt__cte__', '') -%}
    {%- set node = warehouse_ml._node_of(settings['view']) or {'columns': {}, 'config': {'meta': {}}} -%}
    {%- set block = node.config.meta.get('feature_view') or {} -%}
    {%- set keys = settings.get('keys', block.get('keys')) -%}
    {%- if not keys -%}
        {{ exceptions.raise_compiler_error(
            "The keys of view " ~ name ~ " are missing from a point-in-time join: declare them in `config: meta: feature_view:` of "
            ~ "its YAML or, in a model with unit tests, where dbt shows no YAML, write {'view': ref('" ~ name ~ "'), 'keys': [...]}."
        ) }}
    {%- endif -%}
    {%- set keys = [keys] if keys is string else keys -%}
    {%- set pairs = {} -%}
    {%- for key in keys -%}
        {%- do pairs.update({key: keys[key] if keys is mapping else key}) -%}
    {%- endfor -%}
    {%- set clocks = [block.get('event_at', 'event_at'), block.get('known_at', 'known_at')] -%}
    {%- set grain = pairs.values() | list + clocks -%}
    {{ return({
        'relation': settings['view'],
        'alias': settings.get('prefix', '') ~ name,
        'prefix': settings.get('prefix', ''),
        'keys': pairs,
        'event_at': clocks[0],
        'known_at': clocks[1],
        'ttl': settings.get('ttl', block.get('ttl')),
        'features': node.columns.keys() | reject('in', grain) | list,
        'is_unique': warehouse_ml._is_unique(node, grain),
    }) }}
{%- endmacro %}


{#- Whether a data test stops the build when two rows of a node share some columns.
    node: node of the graph · columns: list of names. -#}
{% macro _is_unique(node, columns) -%}
    {%- set unique_tests = [] -%}
    {%- for test in graph.get('nodes', {}).values()
        if test.resource_type == 'test' and test.attached_node and test.attached_node == node.unique_id
        and not test.config.where and test.config.severity | lower == 'error' -%}
        {%- set tested = {
            'unique': [test.test_metadata.kwargs.column_name],
            'unique_combination': test.test_metadata.kwargs.columns,
        }.get(test.test_metadata.name) if test.test_metadata else none -%}
        {%- if tested and tested | reject('in', columns) | list == [] -%}
            {%- do unique_tests.append(test) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(unique_tests != []) }}
{%- endmacro %}
