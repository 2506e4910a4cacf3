{#- The spine with features made from other tables, by deep feature synthesis (Kanter and Veeramachaneni, "Deep feature
    synthesis: towards automating data science endeavors", DSAA 2015, https://doi.org/10.1109/DSAA.2015.7344858): of each
    table that a spine row is related to, the count, mean, last, time since the last, and trend of its related rows.
    `select_features` of a model then keeps those that help.

    Point in time, by both clocks: at the spine row's instant t, a row of a child counts if event_at < t and known_at < t;
    in a window of length s, if also event_at >= t - s. So neither the spine row itself nor anything of its own instant is
    in its features. With an `id`, several rows of one id are versions of one event, of which the one known last by t
    counts; versions share keys and event_at. Every spine row comes back once. Time is linear in rows, but for sorting.

    Columns are called <name>_count_<window>, <name>_mean_<value>_<window>, <name>_trend_<value>_<window> (slope of the
    value over time, per day), <name>_last_<value> and <name>_minutes_since_last. Of nothing, a count is 0 and all else
    null; of a null key everything is null. Means and trends are of values to six digits after the point, so that the order
    of rows does not change them, while the values of all time add up to less than 9 billion by entity; what is not finite
    or beyond 9 trillion is left out.

    spine: relation · at: the spine's column with the instant · windows: mapping of name -> length, such as {'7d': '7 day'}
    · functions: list of count, mean, last, time_since, trend · children: list of relations, or of mappings with
    child: a relation
    keys: columns, or spine column -> child column; else those of its block `feature_view`, or each pair of columns that
        YAML declares to refer to the same thing (tests `relationships` and `refers_to`)
    event_at, known_at: its clocks; else those of its block `feature_view`
    values: columns, or name -> SQL expression; else the numbers among the columns of a feature view, which are known by
        its known_at, where those of another table may not be
    id, name, windows, functions
    children: of the child, in the same form, seen from each of its rows at its event_at; their features become values of
        the child, of which mean and last are taken. -#}
{% macro generate_features(spine, at, children, windows={'7d': '7 day', '28d': '28 day'}, functions=none) -%}
    {%- if execute -%}
        {%- set usual = {
            'windows': windows,
            'functions': functions or ['count', 'mean', 'last', 'time_since', 'trend'],
        } -%}
        {%- set problems = [] -%}
        {%- set related = warehouse_ml._related_children(spine, children, usual, problems, 1) -%}
        {%- if not children -%}
            {%- do problems.append("The spine has no children: write [ref('<model>')].") -%}
        {%- elif not problems -%}
            {%- do warehouse_ml._check_feature_names(spine, related, problems) -%}
        {%- endif -%}
        {%- if problems -%}
            {{ exceptions.raise_compiler_error('\n'.join(['generate_features cannot be written:'] + problems)) }}
        {%- endif -%}
        {{ warehouse_ml._generated_features(spine, at, related) }}
    {%- endif -%}
{%- endmacro %}


{#- Collects the names that two features have, or a feature and a column of the spine: an engine that takes them would call
    one of the two otherwise.
    spine: relation · children: list of mappings as `_related_children` gives them · problems: list to collect in. -#}
{% macro _check_feature_names(spine, children, problems) -%}
    {%- set taken = warehouse_ml._columns_of(spine) | map('lower') | list -%}
    {%- for child in children -%}
        {%- for feature in warehouse_ml._child_features(child) -%}
            {%- if feature.name | lower in taken -%}
                {%- do problems.append(
                    "Two columns would be called " ~ feature.name
                    ~ ": names of features and of the spine's columns must differ; give child " ~ child.name ~ ", its value or window another name."
                ) -%}
            {%- endif -%}
            {%- do taken.append(feature.name | lower) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}


{#- The query of generate_features.
    spine, at: as there · children: list of mappings as `_related_children` gives them. -#}
{% macro _generated_features(spine, at, children) -%}
{%- set names = [] -%}
{%- for child in children -%}{%- do names.extend(warehouse_ml._child_features(child) | map(attribute='name')) -%}{%- endfor -%}
with
{%- for child in children %}
{%- if child.children %}
child_{{ loop.index }} as (

    {{ warehouse_ml._generated_features(child.relation, child.event_at, child.children) | indent(4) }}

),
{% endif %}
{{ warehouse_ml._child_steps(child, 'child_' ~ loop.index, spine, at) }}{{ ',\n' if not loop.last }}
{%- endfor %}

select
    spine.*
    {%- for child in children %}
    {%- set number = loop.index %}
    {%- for feature in warehouse_ml._child_features(child) %},
    child_{{ number }}_features.{{ warehouse_ml._quoted(feature.name) }}
    {%- endfor %}
    {%- endfor %}
from {{ warehouse_ml._without_columns(spine, names) }} as spine
{%- for child in children %}
{%- set features = 'child_' ~ loop.index ~ '_features' %}
left join {{ features }}
    on
        {%- for key in child['keys'] %}
        spine.{{ warehouse_ml._quoted(key) }} = {{ features }}.__key_{{ loop.index }}
        and
        {%- endfor %} spine.{{ warehouse_ml._quoted(at) }} = {{ features }}.__spine_at
{%- endfor %}
{%- endmacro %}
