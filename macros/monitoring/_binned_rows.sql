{#- How many monitored rows are in each bin of each feature, by cell (see _monitored_rows). Bins are
    numbered as in the reference, from 1; 0 holds values that are in none of them, -1 nulls, -2 values that are not finite, -3
    categories of a feature without a reference. A number has a row without a bin as well, for all its finite values, whose sums stand
    in each of its rows. Every feature is one pass over its column.
    spec: what the monitor measures (_monitor_spec) · rows, features, categories: names of the temporary tables of
    _monitored_rows, _monitored_features and _monitored_categories. -#}
{% macro _binned_rows(spec, rows, features, categories) -%}
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
select
    __cell,
    cast(null as bigint) as feature_number,
    cast(null as integer) as bin,
    cast(null as bigint) as row_count,
    cast(null as double) as total,
    cast(null as double) as squares,
    cast(null as double) as least,
    cast(null as double) as greatest
from {{ rows }}
where false
{%- for feature in fromjson(run_query(described).rows[0][0] or '[]') %}
    {%- set column = spec.prediction if feature.kind == 'prediction' else columns.get(feature.name | lower) %}
    {%- if column %}
union all
{{ warehouse_ml._binned_categories(feature, column, rows, categories) if feature.type == 'category'
    else warehouse_ml._binned_numbers(feature, column, rows) }}
    {%- endif %}
{%- endfor %}
{%- endmacro %}


{#- The same of one feature that is a number or an instant.
    feature: mapping with its number, version, edges … · column: its column in the rows · rows: name of the temporary table of _monitored_rows. -#}
{% macro _binned_numbers(feature, column, rows) -%}
{%- set value = warehouse_ml._quoted(column) -%}
{%- if feature.type == 'instant' -%}
    {%- set instant = 'cast(' ~ value ~ ' as timestamp)' -%}
    {%- set number = 'case when isfinite(' ~ instant ~ ') then epoch(' ~ instant ~ ") when " ~ value ~ " is not null then cast('nan' as double) end" -%}
{%- else -%}
    {%- set number = 'cast(' ~ value ~ ' as double)' -%}
{%- endif -%}
{%- set edges = feature.edges if feature.has_reference else [] -%}
{%- set limits = [] -%}
{%- for edge in edges -%}
    {#- What is above the last limit is in the last bin, unless bins are of values. -#}
    {%- do limits.append("cast('" ~ ('infinity' if loop.last and not feature.of_values else edge) ~ "' as double)") -%}
{%- endfor -%}
{%- set has_others = edges and feature.of_values -%}
select
    __cell,
    {{ feature.number }} as feature_number,
    unnest([null, -1, -2{{ ', 0' if has_others }}{% for edge in edges %}, {{ loop.index }}{% endfor %}]) as bin,
    unnest(
        list_concat(
            [finite, row_count - value_count, value_count - finite{{ ', finite - list_sum(counts)' if has_others }}],
            counts
        )
    ) as row_count,
    total,
    squares,
    least,
    greatest
from (
    select
        __cell,
        count(*) as row_count,
        count(value) as value_count,
        count(finite) as finite,
        {% if edges -%}
        map_values(histogram{{ '_exact' if has_others }}(finite, [{{ limits | join(', ') }}]))[:{{ edges | length }}]
        {%- else -%}
        cast([] as bigint[])
        {%- endif %} as counts,
        sum(score) as total,
        sum(score * score) as squares,
        min(finite) as least,
        max(finite) as greatest
    from (
        select
            *,
            (finite - cast('{{ feature.centre }}' as double)) / cast('{{ feature.scale }}' as double) as score
        from (
            select
                __cell,
                {{ number }} as value,
                case when {{ warehouse_ml._is_finite('value') }} then value end as finite
            from {{ rows }}
            where __version = {{ feature.version }}
        ) as numbers
    ) as scores
    group by __cell
) as counted
{%- endmacro %}


{#- The same as _binned_numbers of one feature that is a category.
    feature, column, rows: see there · categories: name of the temporary table of _monitored_categories. -#}
{% macro _binned_categories(feature, column, rows, categories) -%}
select
    __cell,
    {{ feature.number }} as feature_number,
    case
        when counted.value is null then -1
        else {% if feature.has_reference %}coalesce(categories.position, 0){% else %}-3{% endif %}
    end as bin,
    sum(counted.row_count) as row_count,
    null as total,
    null as squares,
    null as least,
    null as greatest
from (
    select
        __cell,
        cast({{ warehouse_ml._quoted(column) }} as varchar) as value,
        count(*) as row_count
    from {{ rows }}
    where __version = {{ feature.version }}
    group by all
) as counted
left join {{ categories }} as categories
    on
        categories.feature_number = {{ feature.number }}
        and counted.value = categories.category
group by all
{%- endmacro %}
