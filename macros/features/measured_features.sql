{#- The features of a feature view, as declared and as found in its table: a query of one row per feature.
    node: node of the graph · types: mapping of its table's columns to their types. -#}
{% macro measured_features(node, types) -%}
    {%- set block = node.config.meta.feature_view -%}
    {%- set grain = warehouse_ml.grain_of_view(block) -%}
    {%- set event_at = warehouse_ml.utc(warehouse_ml.quoted(grain.event_at)) -%}
    {%- set features = node.columns.keys() | reject('in', grain.columns) | list -%}
    {%- set text = api.Column.translate_type('string') -%}
select
    '{{ node.name }}' as view_name,
    '{{ block.entity }}' as entity,
    declared.feature,
    cast(declared.data_type as {{ text }}) as data_type,
    declared.description,
    declared.null_rule,
    {{ warehouse_ml._literal(block.owner) }} as owner,
    cast({{ warehouse_ml._literal(block.ttl) }} as {{ text }}) as ttl,
    {{ warehouse_ml._text_list(warehouse_ml.source_models(node)) }} as source_models,
    {{ warehouse_ml._text_list(warehouse_ml.models_downstream(node)) }} as used_by_models,
    counted.row_count,
    1 - case declared.feature
        {%- for feature in features %}
        when {{ warehouse_ml._literal(feature) }} then counted.value_count_{{ loop.index }}
        {%- endfor %}
    end / cast(nullif(counted.row_count, 0) as double) as null_rate,
    {%- for instant in ('first', 'last') %}
    case declared.feature
        {%- for feature in features %}
        when {{ warehouse_ml._literal(feature) }} then counted.{{ instant }}_event_at_{{ loop.index }}
        {%- endfor %}
    end as {{ instant }}_event_at{{ ',' if not loop.last }}
    {%- endfor %}
from (
    values
    {%- for feature in features %}
    {%- set column = node.columns[feature] %}
    (
        {{ warehouse_ml._literal(feature) }},
        {{ warehouse_ml._literal(types[feature]) }},
        {{ warehouse_ml._literal(column.description.split() | join(' ')) }},
        '{{ column.config.meta.nulls }}'
    ){{ ',' if not loop.last }}
    {%- endfor %}
) as declared (feature, data_type, description, null_rule)
cross join (
    select
        count(*) as row_count
        {%- for feature in warehouse_ml.quoted_columns(features) %},
        count({{ feature }}) as value_count_{{ loop.index }},
        min({{ event_at }}) filter (where {{ feature }} is not null) as first_event_at_{{ loop.index }},
        max({{ event_at }}) filter (where {{ feature }} is not null) as last_event_at_{{ loop.index }}
        {%- endfor %}
    from {{ warehouse_ml._relation_of(node) }}
) as counted
{%- endmacro %}


{#- A text as SQL, null if there is none.
    text: text or none. -#}
{% macro _literal(text) -%}
    {{ dbt.string_literal(dbt.escape_single_quotes(text)) if text else 'null' }}
{%- endmacro %}


{#- A list of texts as SQL.
    texts: list. -#}
{% macro _text_list(texts) -%}
    {%- set literals = [] -%}
    {%- for text in texts -%}
        {%- do literals.append(warehouse_ml._literal(text)) -%}
    {%- endfor -%}
    {{ dbt.array_construct(literals, api.Column.translate_type('string')) }}
{%- endmacro %}
