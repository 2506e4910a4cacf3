{#- The ways in which rows of a child belong to a spine row, as a list of mappings of spine column -> child column.
    spine: relation · settings: the child's mapping in generate_features · node: the child's node of the graph, if it is one
    · block: its block `feature_view`, if it has one. -#}
{% macro _ways_related(spine, settings, node, block) -%}
    {%- set keys = settings['keys'] if 'keys' in settings else block.get('keys') -%}
    {%- if keys is string -%}
        {{ return([{keys: keys}]) }}
    {%- elif keys is mapping -%}
        {{ return([keys]) }}
    {%- elif keys -%}
        {%- set same = {} -%}
        {%- for key in keys -%}{%- do same.update({key: key}) -%}{%- endfor -%}
        {{ return([same]) }}
    {%- endif -%}
    {%- set ways = [] -%}
    {%- set spine_node = warehouse_ml._node_of(spine) -%}
    {%- if node and spine_node -%}
        {%- set ours = warehouse_ml._references(spine_node) -%}
        {%- set referring = ours | map(attribute='column') | list -%}
        {%- for theirs in warehouse_ml._references(node) -%}
            {%- for own in ours if own.to == theirs.to and own.field == theirs.field -%}
                {%- do ways.append({own.column: theirs.column}) -%}
            {%- endfor -%}
            {#- The spine is what the child refers to, or has a column of the same name that is tested elsewhere. -#}
            {%- if theirs.to == spine_node.unique_id and theirs.field in spine_node.columns -%}
                {%- do ways.append({theirs.field: theirs.column}) -%}
            {%- elif theirs.column in spine_node.columns and theirs.column not in referring -%}
                {%- do ways.append({theirs.column: theirs.column}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set different = [] -%}
    {%- for way in ways if way not in different -%}{%- do different.append(way) -%}{%- endfor -%}
    {{ return(different) }}
{%- endmacro %}


{#- What the columns of a node refer to, by its tests `relationships` and `refers_to`: mappings of column, to, field.
    node: node of the graph. -#}
{% macro _references(node) -%}
    {%- set ways = [] -%}
    {%- for test in graph.nodes.values()
        if test.resource_type == 'test' and test.attached_node == node.unique_id
        and test.test_metadata and test.test_metadata.name in ('relationships', 'refers_to') -%}
        {%- set others = test.depends_on.nodes | reject('equalto', node.unique_id) | list -%}
        {%- do ways.append({
            'column': test.test_metadata.kwargs.column_name,
            'to': others[0] if others else node.unique_id,
            'field': test.test_metadata.kwargs.field,
        }) -%}
    {%- endfor -%}
    {{ return(ways | sort(attribute='column')) }}
{%- endmacro %}
