{#- How many monitored rows are in each bin of each feature, by cell (see _rows_by_cell). Bins are
    numbered as in the reference, from 1; 0 holds values that are in none of them, -1 nulls, -2 values that are not finite, -3
    categories of a feature without a reference. A number has a row without a bin as well, for all its finite values, whose sums stand
    in each of its rows.

    The rows are read as a stream, once for each version and 32 of its features, and none is kept: each group of features is a few
    numbers per cell. Where there are many cells, groups are smaller. The prediction is counted from `rows`, so that what is costly
    to predict is not predicted again.
    spec: what the monitor measures (_monitor_spec) · monitored, rows: subqueries of _rows_by_cell, of all columns and of scores ·
    features, categories: names of the temporary tables of _monitored_features and _monitored_categories. -#}
{% macro _binned_rows(spec, monitored, rows, features, categories) -%}
{%- set columns = {} -%}
{%- for name in spec.columns -%}{%- do columns.update({name | lower: name}) -%}{%- endfor -%}
{%- set described -%}
    select to_json(list({
        'version': version, 'number': feature_number, 'kind': kind, 'name': feature, 'type': type, 'has_reference': has_reference,
        'centre': cast(centre as varchar), 'scale': cast(scale as varchar),
        'edges': list_transform(bins, lambda bin: cast(bin.upper as varchar)),
        'of_values': len(list_filter(bins, lambda bin: bin.lower < bin.upper)) = 0
    } order by feature_number)) from {{ features }}
{%- endset -%}
{%- set selected = [] -%}
{%- for feature in fromjson(run_query(described).rows[0][0] or '[]') -%}
    {%- set column = spec.prediction if feature.kind == 'prediction' else columns.get(feature.name | lower) -%}
    {%- if column -%}
        {%- set is_prediction = feature.kind == 'prediction' -%}
        {%- do feature.update({
            'column': column,
            'text': spec.prediction_text if is_prediction,
            'relation': rows if is_prediction else monitored,
        }) -%}
        {%- do selected.append(feature) -%}
    {%- endif -%}
{%- endfor -%}
{%- set cells = run_query('select count(distinct __cell) from ' ~ rows).rows[0][0] -%}
{%- set size = [[20000 // [cells, 1] | max, 32] | min, 1] | max -%}
{%- set passes = [] -%}
{%- for of_version in selected | groupby('version') -%}
    {%- for of_relation in of_version[1] | groupby('relation') -%}
        {%- for group in of_relation[1] | batch(size) -%}{%- do passes.append(group) -%}{%- endfor -%}
    {%- endfor -%}
{%- endfor -%}
with
{%- for group in passes %}
counted_{{ loop.index }} as materialized (

    {{ warehouse_ml._counted_features(group, categories) | indent(4) }}

),
{% endfor %}
nothing as (

    select
        cast(null as ubigint) as __cell,
        cast(null as bigint) as feature_number,
        cast(null as integer) as bin,
        cast(null as bigint) as row_count,
        cast(null as double) as total,
        cast(null as double) as squares,
        cast(null as double) as least,
        cast(null as double) as greatest
    where false

)

select * from nothing
{%- for group in passes %}
{%- set counted = 'counted_' ~ loop.index %}
{%- for feature in group %}
union all
select
    __cell,
    {{ feature.number }} as feature_number,
    {{ warehouse_ml._bins_of_category(feature) if feature.type == 'category' else warehouse_ml._bins_of_number(feature) }}
from {{ counted }}
{%- endfor %}
{%- endfor %}
{%- endmacro %}


{#- The counts of some features of a version by cell, in one pass over the rows: `row_count` and, for each feature with its number n,
    values_n, finite_n, counts_n, total_n, squares_n, least_n and greatest_n, or codes_n, how many rows have which bin, of a category.
    group: list of mappings of features, of one version and relation · categories: name of the temporary table of
    _monitored_categories. -#}
{% macro _counted_features(group, categories) -%}
select
    __cell,
    count(*) as row_count
    {%- for feature in group %}
    {%- set n = feature.number %},
    {%- if feature.type == 'category' %}
    histogram(code_{{ n }}) as codes_{{ n }}
    {%- else %}
    {%- set limits = warehouse_ml._limits_of_bins(feature) %}
    count(value_{{ n }}) as values_{{ n }},
    count(finite_{{ n }}) as finite_{{ n }},
        {%- if limits %}
    map_values(
        histogram{{ '_exact' if feature.of_values }}(finite_{{ n }}, [{{ limits | join(', ') }}])
    )[:{{ limits | length }}] as counts_{{ n }},
        {%- else %}
    cast([] as ubigint[]) as counts_{{ n }},
        {%- endif %}
    sum(score_{{ n }}) as total_{{ n }},
    sum(score_{{ n }} * score_{{ n }}) as squares_{{ n }},
    min(finite_{{ n }}) as least_{{ n }},
    max(finite_{{ n }}) as greatest_{{ n }}
    {%- endif %}
    {%- endfor %}
from (
    select
        __cell
        {%- for feature in group %}
        {%- set n = feature.number %},
        {%- if feature.type == 'category' %}
        case when value_{{ n }} is null then -1 else coalesce(position_{{ n }}, {{ 0 if feature.has_reference else -3 }}) end as code_{{ n }}
        {%- else %}
        value_{{ n }},
        finite_{{ n }},
        (finite_{{ n }} - cast('{{ feature.centre }}' as double)) / cast('{{ feature.scale }}' as double) as score_{{ n }}
        {%- endif %}
        {%- endfor %}
    from (
        select
            *
            {%- for feature in group if feature.type != 'category' %},
            case when {{ warehouse_ml._is_finite('value_' ~ feature.number) }} then value_{{ feature.number }} end as finite_{{ feature.number }}
            {%- endfor %}
        from (
            select
                __cell
                {%- for feature in group %},
                {{ warehouse_ml._monitored_value(feature) }} as value_{{ feature.number }}
                {%- endfor %}
            from {{ group[0].relation }}
            where __version = {{ group[0].version }}
        ) as monitored_values
    ) as finite_values
    {%- for feature in group if feature.type == 'category' %}
    left join (
        select category as category_{{ feature.number }}, position as position_{{ feature.number }}
        from {{ categories }}
        where feature_number = {{ feature.number }}
    ) as categories_{{ feature.number }}
        on finite_values.value_{{ feature.number }} = categories_{{ feature.number }}.category_{{ feature.number }}
    {%- endfor %}
) as coded
group by __cell
{%- endmacro %}


{#- The value of a feature in a monitored row: a text, or a number, which is not a number where an instant is infinite or a date
    beyond all timestamps.
    feature: mapping with its column and type. -#}
{% macro _monitored_value(feature) -%}
{%- set column = warehouse_ml._quoted(feature.column) -%}
{%- if feature.type == 'category' -%}
    {{ feature.text or 'cast(' ~ column ~ ' as varchar) collate "C"' }}
{%- elif feature.type == 'instant' -%}
    {%- set instant = 'try_cast(' ~ column ~ ' as timestamp)' -%}
    case when isfinite({{ instant }}) then epoch({{ instant }}) when {{ column }} is not null then cast('nan' as double) end
{%- else -%}
    cast({{ column }} as double)
{%- endif -%}
{%- endmacro %}


{#- The upper limits of the bins of a number, as a list of SQL; none without a reference. What is above the last limit is in the
    last bin, unless bins are of values.
    feature: mapping with its edges. -#}
{% macro _limits_of_bins(feature) -%}
    {%- set limits = [] -%}
    {%- for edge in feature.edges or [] if feature.has_reference -%}
        {%- do limits.append("cast('" ~ ('infinity' if loop.last and not feature.of_values else edge) ~ "' as double)") -%}
    {%- endfor -%}
    {{ return(limits) }}
{%- endmacro %}


{#- The bins of a number and what is in them, a row for each, from _counted_features.
    feature: mapping with its number and edges. -#}
{% macro _bins_of_number(feature) -%}
{%- set n = feature.number -%}
{%- set limits = warehouse_ml._limits_of_bins(feature) -%}
{%- set has_others = feature.has_reference and feature.of_values -%}
    unnest([null, -1, -2{{ ', 0' if has_others }}{% for limit in limits %}, {{ loop.index }}{% endfor %}]) as bin,
    unnest(
        list_concat(
            [
                finite_{{ n }}, row_count - values_{{ n }}, values_{{ n }} - finite_{{ n }}
                {{- ', finite_' ~ n ~ ' - coalesce(list_sum(counts_' ~ n ~ '), 0)' if has_others }}
            ],
            counts_{{ n }}
        )
    ) as row_count,
    total_{{ n }} as total,
    squares_{{ n }} as squares,
    least_{{ n }} as least,
    greatest_{{ n }} as greatest
{%- endmacro %}


{#- The same of a category.
    feature: mapping with its number. -#}
{% macro _bins_of_category(feature) -%}
    unnest(map_keys(codes_{{ feature.number }})) as bin,
    unnest(map_values(codes_{{ feature.number }})) as row_count,
    null as total,
    null as squares,
    null as least,
    null as greatest
{%- endmacro %}
