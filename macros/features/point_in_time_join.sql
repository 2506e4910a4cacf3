{#- The spine with, from each feature view, the row that was known last at the row's prediction time.
    Every spine row comes back once; where a view knows nothing yet, or the key is null, its features are null.
    Beside a view's features stands `<view>_age_minutes`: how old that knowledge was at the prediction time.

    spine: relation · at: the spine's column with the prediction time · views: list of mappings with
    view (relation of one row per keys and known_at, with event_at, known_at and the features) and
    keys (list of columns that the spine has too). -#}
{% macro point_in_time_join(spine, at, views) -%}
select
    spine.*
    {%- for entry in views %},
    {{ entry.view.identifier }}.* exclude ({{ (entry['keys'] + ['event_at', 'known_at']) | join(', ') }}),
    {{ warehouse_ml.minutes_between(entry.view.identifier ~ '.known_at', 'spine.' ~ at) }} as {{ entry.view.identifier }}_age_minutes
    {%- endfor %}
from {{ spine }} as spine
{%- for entry in views %}
asof left join {{ entry.view }} as {{ entry.view.identifier }}
    on
        {%- for key in entry['keys'] %}
        spine.{{ key }} = {{ entry.view.identifier }}.{{ key }}
        and
        {%- endfor %} spine.{{ at }} >= {{ entry.view.identifier }}.known_at
{%- endfor %}
{%- endmacro %}
