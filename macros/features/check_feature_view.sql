{#- What is wrong with the declaration of one feature view: a list of sentences.
    node: node of the graph · built: whether to compare the declared columns with those of its table. -#}
{% macro check_feature_view(node, built=false) -%}
    {%- set view = 'The feature view ' ~ node.name -%}
    {%- set block = node.config.meta.feature_view -%}
    {%- if block is not mapping -%}
        {{ return([
            view ~ ' must have a mapping as feature_view, but found ' ~ block ~ ': write entity, keys and owner under it.'
        ]) }}
    {%- endif -%}
    {%- set problems = [] -%}
    {%- if node.config.materialized == 'ephemeral' -%}
        {%- do problems.append(
            view ~ ' must be materialized as table, view or incremental, so that its values can be looked at, but found '
            ~ 'ephemeral: correct it.'
        ) -%}
    {%- endif -%}
    {%- do problems.extend(warehouse_ml._setting_problems(view, block)) -%}
    {%- do problems.extend(warehouse_ml._grain_problems(view, block, node.columns)) -%}
    {%- do problems.extend(warehouse_ml._feature_problems(view, warehouse_ml.grain_of_view(block), node.columns)) -%}
    {%- if built -%}
        {%- do problems.extend(warehouse_ml._table_problems(view, node)) -%}
    {%- endif -%}
    {{ return(problems) }}
{%- endmacro %}


{#- What is wrong with the settings of a feature view, its columns aside: a list of sentences.
    view: text to begin with · block: its block `feature_view`. -#}
{% macro _setting_problems(view, block) -%}
    {%- set problems = [] -%}
    {%- set known = ['entity', 'keys', 'event_at', 'known_at', 'ttl', 'owner'] -%}
    {%- for name in block if name not in known -%}
        {%- do problems.append(
            view ~ ' must have no settings in feature_view but ' ~ known | join(', ') ~ ", but found '" ~ name
            ~ "': correct or remove it." ~ warehouse_ml.nearest_name(name, known)
        ) -%}
    {%- endfor -%}
    {%- if block.entity is not string or not modules.re.fullmatch('[a-z][a-z0-9_]*', block.entity) -%}
        {%- do problems.append(
            view ~ ' must have as feature_view.entity a name of small letters, digits and underscores, but found '
            ~ (block.entity or 'none') ~ ': write what the view describes, such as entity: customer.'
        ) -%}
    {%- endif -%}
    {%- if block.owner is not string or not block.owner.strip() -%}
        {%- do problems.append(
            view ~ ' must have as feature_view.owner who answers for it, but found ' ~ (block.owner or 'none')
            ~ ': write such as owner: pricing team.'
        ) -%}
    {%- endif -%}
    {%- if 'ttl' in block and not warehouse_ml._is_span(block.ttl) -%}
        {%- do problems.append(
            view ~ ' must have as feature_view.ttl a number above 0 and a unit (second, minute, hour, day or week), but found '
            ~ block.ttl ~ ': write such as ttl: 2 day, or leave it out where values do not expire.'
        ) -%}
    {%- endif -%}
    {{ return(problems) }}
{%- endmacro %}
