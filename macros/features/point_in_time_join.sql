{#- The spine with, from each feature view, what was true and known at the row's own time, and how old that was.

    A row of a view counts at an instant t if event_at <= t and known_at <= t. Of those that count, the one with the
    latest event_at is taken; of equal event_at the one known last, a correction; of equal both the one with the greatest
    hash of its columns. A row older than the view's ttl (t - event_at > ttl) gives nothing, nor does a null key. Every
    spine row comes back once. Beside a view's features stands `<prefix><view>_age_minutes`: since when they were known.

    spine: relation · at: the spine's column with the time · views: list of relations, or of mappings with view and
    what differs from its block `feature_view`: keys (columns, or spine column -> view column), prefix, ttl. -#}
{% macro point_in_time_join(spine, at, views) -%}
    {%- if execute -%}
        {%- do warehouse_ml.check_feature_views() -%}
        {%- set found = [] -%}
        {%- for entry in views -%}
            {%- do found.append(warehouse_ml.feature_view(entry)) -%}
        {%- endfor -%}
        {{ warehouse_ml.join_as_of(spine, at, found) }}
    {%- endif -%}
{%- endmacro %}
