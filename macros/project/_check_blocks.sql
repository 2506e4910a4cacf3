{#- Rejects wrong blocks `feature_view`, `raw_contract` and `ml_monitor`, all problems at once: before the first node of every
    command that runs nodes, and wherever views are joined. In a unit test dbt shows no YAML of other models, so that nothing
    can be checked there. A block `ml` is checked as its model is trained, so that it stops no other. -#}
{% macro _check_blocks() -%}
    {%- if execute and not (model is defined and model.resource_type == 'unit_test') -%}
        {%- set nodes = [] -%}
        {%- for node in graph.nodes.values() | list + graph.sources.values() | list
            if 'feature_view' in node.config.meta or 'raw_contract' in node.config.meta or 'ml_monitor' in node.config.meta
            or node.config.get('materialized') in ('ml_model', 'ml_monitor') -%}
            {%- set columns = {} -%}
            {%- for name, column in node.columns.items() -%}
                {%- do columns.update({name: {'description': column.description, 'nulls': column.config.meta.get('nulls')}}) -%}
            {%- endfor -%}
            {%- do nodes.append({
                'name': node.source_name ~ '.' ~ node.name if node.resource_type == 'source' else node.name,
                'file': (node.patch_path or node.original_file_path).split('://')[-1],
                'kind': node.resource_type,
                'materialized': node.config.get('materialized'),
                'columns': columns,
                'column_types': node.config.get('column_types', {}),
                'blocks': node.config.meta,
            }) -%}
        {%- endfor -%}
        {%- if nodes -%}{%- do warehouse_ml._check_plugin() -%}{%- endif -%}
        {%- set literal = warehouse_ml._text(tojson(nodes)) -%}
        {%- set problems = (warehouse_ml._ask('select unnest(ml_block_problems(' ~ literal ~ '))') if nodes else []) | map(attribute=0) | list -%}
        {%- if problems -%}
            {{ exceptions.raise_compiler_error(
                'The blocks feature_view, raw_contract and ml_monitor have problems:\n' ~ problems | join('\n')
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
