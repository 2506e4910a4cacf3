{#- What the monitor that is built measures: its block with the model's own key, time and label where it names none, columns
    spelled as in the query, and `versions`, the relation of the model's versions. An error with all that is wrong.
    query: the compiled query of the monitor. -#}
{% macro _monitor_spec(query) -%}
    {%- do warehouse_ml._check_plugin() -%}
    {%- set models = {} -%}
    {%- set nodes = {} -%}
    {%- for node in graph.nodes.values() if node.config.materialized == 'ml_model' -%}
        {%- do models.update({node.name: node.config.meta.get('ml')}) -%}
        {%- do nodes.update({node.name: node}) -%}
    {%- endfor -%}
    {%- set columns = {} -%}
    {%- for column in run_query('select column_name, column_type from (describe ' ~ query ~ '\n)').rows -%}
        {%- do columns.update({column.column_name: column.column_type}) -%}
    {%- endfor -%}
    {%- set request = {
        'node': {
            'name': model.name,
            'file': (model.patch_path or model.original_file_path).split('://')[-1],
            'kind': model.resource_type,
            'blocks': model.config.meta,
        },
        'models': models,
        'columns': columns,
    } -%}
    {%- set answer = fromjson(run_query('select ml_monitor_block(' ~ warehouse_ml._text(tojson(request)) ~ ')').rows[0][0]) -%}
    {%- set problems = answer.problems + warehouse_ml._personal_slices() -%}
    {%- if problems -%}
        {{ exceptions.raise_compiler_error(problems | join('\n')) }}
    {%- endif -%}
    {%- do answer.spec.update({'versions': warehouse_ml._versions_of(nodes[answer.spec.model]), 'columns': columns}) -%}
    {{ return(answer.spec) }}
{%- endmacro %}


{#- The relation of a model's versions, that of the deferred target where there is none here; an error where there is none at all.
    node: the model's node in the graph. -#}
{% macro _versions_of(node) -%}
    {%- set relation = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) -%}
    {%- if warehouse_ml._column_names(relation) -%}
        {{ return(relation) }}
    {%- endif -%}
    {%- set deferred = node.get('defer_relation') -%}
    {%- if deferred -%}
        {{ return(api.Relation.create(database=deferred.database, schema=deferred.schema, identifier=deferred.alias)) }}
    {%- endif -%}
    {{ exceptions.raise_compiler_error(
        "Model '" ~ node.name ~ "' has no version yet: build it first, for example with dbt build --select +" ~ this.identifier ~ "."
    ) }}
{%- endmacro %}
