{#- The spine with, from each feature view, what was true and known at the row's own time, and how old that was.

    A row of a view counts at an instant t if event_at <= t and known_at <= t. Of those that count, the one with the
    latest event_at is taken; of equal event_at the one known last, a correction; of equal both the one with the greatest
    hash of its columns. A row older than the view's ttl (t - event_at > ttl) gives nothing, nor does a null key. Every
    spine row comes back once. Beside a view's features stands `<prefix><view>_age_minutes`: since when they were known.

    spine: relation · at: the spine's column with the time · views: list of relations, or of mappings with view and
    what differs from its block `feature_view`: keys (columns, or spine column -> view column), prefix, ttl. -#}
{% macro point_in_time_join(spine, at, views) -%}
    {%- if execute -%}
        {%- do warehouse_ml._check_blocks() -%}
        {%- set feature_views = [] -%}
        {%- for entry in views -%}
            {%- do feature_views.append(warehouse_ml._feature_view(entry)) -%}
        {%- endfor -%}
        {%- set problems = warehouse_ml._join_problems(spine, views, feature_views) -%}
        {%- if problems -%}
            {{ exceptions.raise_compiler_error('\n'.join(['A point-in-time join cannot be written:'] + problems)) }}
        {%- endif -%}
        {{ warehouse_ml._join_as_of(spine, at, feature_views) }}
    {%- endif -%}
{%- endmacro %}


{#- What is wrong with a point-in-time join: a list of sentences.
    spine, views: as there · feature_views: list of mappings as `feature_view` gives them, one of each view. -#}
{% macro _join_problems(spine, views, feature_views) -%}
    {%- set problems = [] -%}
    {%- set settings = ['view', 'keys', 'prefix', 'ttl'] -%}
    {%- for view in feature_views -%}
        {%- set name = view.relation.identifier -%}
        {%- set entry = views[loop.index0] -%}
        {%- for setting in (entry if entry.identifier is not defined else []) if setting not in settings -%}
            {%- do problems.append(
                "Unknown setting '" ~ setting ~ "' beside view " ~ name ~ " in a point-in-time join: settings are "
                ~ settings | join(', ') ~ "; correct or remove it." ~ warehouse_ml._nearest_name(setting, settings)
            ) -%}
        {%- endfor -%}
        {%- set node = warehouse_ml._node_of(view.relation) -%}
        {%- set columns = node.columns.keys() | list if node else [] -%}
        {%- for key in view['keys'].values() if columns and key | lower not in columns | map('lower') -%}
            {%- do problems.append(
                "Key " ~ key ~ " of a point-in-time join is missing from view " ~ name
                ~ ": a key is a column of both sides; correct it." ~ warehouse_ml._nearest_name(key, columns)
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set repeated = warehouse_ml._repeated_names(warehouse_ml._columns_of(spine), warehouse_ml._names_of_join(feature_views)) -%}
    {%- if repeated -%}
        {%- set name = feature_views[-1].relation.identifier -%}
        {%- do problems.append(
            "A point-in-time join would have more than one column " ~ repeated | join(', ') ~ ": names must differ; "
            ~ "write another prefix beside a view, such as {'view': ref('" ~ name ~ "'), 'prefix': '" ~ name ~ "_'}."
        ) -%}
    {%- endif -%}
    {{ return(problems) }}
{%- endmacro %}


{#- The names of the columns that a point-in-time join adds to the spine.
    views: list of mappings as `feature_view` gives them. -#}
{% macro _names_of_join(views) -%}
    {%- set names = [] -%}
    {%- for view in views -%}
        {%- for feature in view.features -%}
            {%- do names.append(view.prefix ~ feature) -%}
        {%- endfor -%}
        {%- do names.append(view.alias ~ '_age_minutes') -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
