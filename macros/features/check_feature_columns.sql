{#- What is wrong with the keys and clocks of a feature view: a list of sentences.
    view: text to begin with · block: its block `feature_view` · columns: mapping of name -> column of the graph. -#}
{% macro _grain_problems(view, block, columns) -%}
    {%- set problems = [] -%}
    {%- set grain = warehouse_ml.grain_of_view(block) -%}
    {%- set keys = grain['keys'] -%}
    {%- if not keys or keys | reject('string') | list or keys | unique | list | length < keys | length -%}
        {%- do problems.append(
            view ~ ' must have as feature_view.keys a list of different columns, but found ' ~ (block.get('keys') or 'none')
            ~ ': write the columns that name an entity, such as keys: [customer_id].'
        ) -%}
    {%- endif -%}
    {%- for clock in ('event_at', 'known_at') if grain[clock] in keys -%}
        {%- do problems.append(
            view ~ ' must have as feature_view.' ~ clock ~ ' an instant and no key, but found ' ~ grain[clock] ~ ', which is a key '
            ~ 'too: name another column.'
        ) -%}
    {%- endfor -%}
    {%- for setting, names in {'keys': keys, 'event_at': [grain.event_at], 'known_at': [grain.known_at]}.items() -%}
        {%- for name in names if name not in columns.keys() | list and (name is string or setting != 'keys') -%}
            {%- do problems.append(
                view ~ ' must have as feature_view.' ~ setting ~ ' what its YAML describes as columns, but found ' ~ name
                ~ ': correct it or describe the column.' ~ warehouse_ml.nearest_name(name, columns.keys() | list)
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}


{#- What is wrong with the columns of a feature view: a list of sentences.
    view: text to begin with · grain: its keys and clocks, as grain_of_view gives them · columns: mapping of name -> column of
    the graph. -#}
{% macro _feature_problems(view, grain, columns) -%}
    {%- set problems = [] -%}
    {%- set features = columns.keys() | reject('in', grain.columns) | list -%}
    {%- if not features -%}
        {%- do problems.append(
            view ~ ' must have features, columns beside its keys and clocks, but found none: describe them in its YAML.'
        ) -%}
    {%- endif -%}
    {%- for name, column in columns.items() if not column.description.strip() -%}
        {%- do problems.append(view ~ ' must describe its column ' ~ name ~ ', but found no description: write one.') -%}
    {%- endfor -%}
    {%- set rules = warehouse_ml.null_rules().keys() | list -%}
    {%- for name in features if columns[name].config.meta.nulls not in rules -%}
        {%- set found = columns[name].config.meta.nulls -%}
        {%- do problems.append(
            view ~ ' must say of its feature ' ~ name ~ ' what a null means, with `config: meta: nulls:` and one of '
            ~ rules | join(', ') ~ ', but found ' ~ (found or 'none') ~ ': write it there.' ~ warehouse_ml.nearest_name(found, rules)
        ) -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}


{#- Where the declared columns of a feature view are not those of its table: a list of sentences.
    view: text to begin with · node: node of the graph. -#}
{% macro _table_problems(view, node) -%}
    {%- set problems = [] -%}
    {%- set built = warehouse_ml.built_columns(node).keys() | list -%}
    {%- for name in node.columns if built and name not in built -%}
        {%- do problems.append(
            view ~ ' must have the columns that its YAML describes, but its table has no ' ~ name
            ~ ': correct the name, or build the view again.' ~ warehouse_ml.nearest_name(name, built)
        ) -%}
    {%- endfor -%}
    {%- for name in built if name not in node.columns -%}
        {%- do problems.append(
            view ~ ' must describe every column of its table, but found ' ~ name ~ ' without a description: write one in its '
            ~ 'YAML, with its null rule.'
        ) -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}
