{#- A build as of an earlier cutoff gives the same earlier rows: nothing is in them that was not known by then. The model
    and all models that it comes from are rendered again as of each cutoff, and compared with the table as it was built.

    A cutoff shows a leak only in rows up to it that use what became known after it. So the best cutoff is a prediction
    time in the thick of the data, and several show more than one.

    cutoff: ISO date or timestamp in UTC, or a list of them · at: SQL instant of a row, such as its prediction time: rows
    up to the cutoff are compared; by default the known_at of a feature view · key: column, or list of columns, that names a
    row; by default the keys and clocks of a feature view · as_built: names of models that are
    read as they are, such as Python models · tolerance: by what part of their size floating-point numbers may differ, as
    an engine adds them up in any order. -#}
{% test replays_as_of(model, cutoff, at=none, key=none, as_built=[], tolerance=1e-9) %}
    {%- set built = warehouse_ml._tested_relation() -%}
    {%- if not built %}
select * from {{ model }}
    {%- else -%}
        {%- do warehouse_ml._check_plugin() -%}
        {%- set node = graph.nodes[context['model'].attached_node] -%}
        {%- set cutoffs = [cutoff] if cutoff is string or cutoff is not iterable else cutoff -%}
        {%- set block = node.config.meta.get('feature_view') -%}
        {%- if not block and not (at and key) -%}
            {{ exceptions.raise_compiler_error(
                "replays_as_of on " ~ node.name ~ ": " ~ ('key' if at else 'at') ~ " is missing, and only a feature view has one by "
                ~ "default: name the column, for example " ~ ("key: order_id" if at else "at: predicted_at") ~ "."
            ) }}
        {%- endif -%}
        {%- set grain = warehouse_ml._grain_of_view(block or {}) -%}
        {%- set at = at or warehouse_ml._quoted(grain.known_at) -%}
        {%- set key = key or grain.columns -%}
        {%- set keys = [key] if key is string else key -%}
        {%- set columns = adapter.get_columns_in_relation(built) | rejectattr('name', 'in', keys) | list -%}

with {% for each in cutoffs -%}
    {%- set instant = warehouse_ml._utc_instant('The cutoff of replays_as_of', each) -%}
replayed_{{ loop.index }} as (

    {{ warehouse_ml._replay(node, instant, as_built) }}

),

compared_{{ loop.index }} as (

    {{ warehouse_ml._compared_rows(
        model, 'replayed_' ~ loop.index, at, [instant, warehouse_ml.as_of() or instant] | min, keys, columns, tolerance
    ) }}

),

{% endfor -%}
described as (
    {% for each in cutoffs %}
    select
        '{{ warehouse_ml._utc_instant('The cutoff of replays_as_of', each) }}' as cutoff,
        concat_ws(
            ', ',
            case when missing_rows > 0 then concat(missing_rows, ' that are missing') end,
            case when added_rows > 0 then concat(added_rows, ' that were not there yet') end
            {%- for column in columns %},
            case
                when {{ warehouse_ml._quoted(column.name) }} > 0
                    then concat({{ warehouse_ml._quoted(column.name) }}, ' with another {{ column.name }}')
            end
            {%- endfor %}
        ) as differences
    from compared_{{ loop.index }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

)

select
    cutoff,
    differences
from described
where
    differences <> ''
    {%- if config.get('severity', 'error') | lower == 'error' %}
    and {{ warehouse_ml._raise_error(
        "concat('" ~ node.name ~ " differs up to ', cutoff, ' from a build as of then in row(s): ', differences, "
        ~ "': let its SQL, and that of the models it reads, use only what is known by then.')"
    ) }}
    {%- endif %}
    {%- endif -%}
{% endtest %}
