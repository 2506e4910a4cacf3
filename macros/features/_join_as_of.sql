{#- The query of point_in_time_join, in the form that is fast on the engine.
    spine: relation · at: the spine's column with the time · views: list of mappings as `feature_view` gives them. -#}
{% macro _join_as_of(spine, at, views) -%}
    {{ adapter.dispatch('_join_as_of', 'warehouse_ml')(spine, at, views) }}
{%- endmacro %}


{#- For any engine with window functions, linear but for sorting: the rows of a view are put among those of the spine, each at
    the instant from which it can be used, and every spine row takes the greatest one so far. Views with the same keys share
    a window. -#}
{% macro default___join_as_of(spine, at, views) -%}
{%- set groups = warehouse_ml._views_by_keys(views) -%}
{%- set last = namespace(taken=[]) %}
with
{%- for group in groups %}
{%- set step, keys = loop.index, group['keys'] %}
__stacked_{{ step }} as (

    select
        {%- if loop.first %}
        {{ warehouse_ml._row_as_struct('__row') }} as __spine,
        {{ warehouse_ml._utc('__row.' ~ warehouse_ml._quoted(at)) }} as __at
        {%- for key in keys %},
        __row.{{ warehouse_ml._quoted(key) }} as __key_{{ loop.index }}
        {%- endfor %}
        {%- else %}
        __spine,
        __at
        {%- for key in keys %},
        __spine.{{ warehouse_ml._quoted(key) }} as __key_{{ loop.index }}
        {%- endfor %}
        {%- endif %}
        {%- for taken in last.taken %},
        {{ taken }}
        {%- endfor %}
        {%- for view in group.views %},
        null as __rank_{{ loop.index }},
        null as __values_{{ loop.index }}
        {%- endfor %}
    {%- if loop.first %}
    from {{ warehouse_ml._without_columns(spine, warehouse_ml._names_of_join(views)) }} as __row
    {%- else %}
    from __joined_{{ step - 1 }}
    where __spine is not null
    {%- endif %}
    {%- for view in group.views %}
    {%- set number = loop.index %}
    {%- set event_at, known_at = '__row.' ~ warehouse_ml._quoted(view.event_at), '__row.' ~ warehouse_ml._quoted(view.known_at) %}
    union all
    select
        null as __spine,
        greatest({{ warehouse_ml._utc(event_at) }}, {{ warehouse_ml._utc(known_at) }}) as __at
        {%- for key in keys %},
        __row.{{ warehouse_ml._quoted(view['keys'][key]) }} as __key_{{ loop.index }}
        {%- endfor %}
        {%- for taken in last.taken %},
        null as {{ taken }}
        {%- endfor %}
        {%- for other in group.views %}
        {%- if loop.index == number %},
        {{ warehouse_ml._struct_of(warehouse_ml._rank_of(view)) }} as __rank_{{ number }},
        {{ warehouse_ml._struct_of(warehouse_ml._values_of(view)) }} as __values_{{ number }}
        {%- else %},
        null as __rank_{{ loop.index }},
        null as __values_{{ loop.index }}
        {%- endif %}
        {%- endfor %}
    from {{ view.relation }} as __row
    where
        {{ event_at }} is not null
        and {{ known_at }} is not null
        {%- for key in keys %}
        and __row.{{ warehouse_ml._quoted(view['keys'][key]) }} is not null
        {%- endfor %}
    {%- endfor %}

),

__joined_{{ step }} as (

    select
        __spine,
        __at
        {%- for taken in last.taken %},
        {{ taken }}
        {%- endfor %}
        {%- for view in group.views %},
        max_by(__values_{{ loop.index }}, __rank_{{ loop.index }}) over __so_far as {{ warehouse_ml._quoted(view.alias ~ '_taken') }}
        {%- do last.taken.append(warehouse_ml._quoted(view.alias ~ '_taken')) %}
        {%- endfor %}
    from __stacked_{{ step }}
    window
        __so_far as (
            partition by {% for key in keys %}__key_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
            order by __at asc nulls first
            range between unbounded preceding and current row
        )

){{ ',\n' if not loop.last }}
{%- endfor %}

select
    __spine.*
    {%- for view in views %}
    {%- set taken = warehouse_ml._quoted(view.alias ~ '_taken') %}
    {%- set if_fresh = 'case when __at <= ' ~ taken ~ '.__event_at + ' ~ warehouse_ml._span(view.ttl) ~ ' then ' if view.ttl else '' %}
    {%- set end = ' end' if view.ttl else '' %}
    {%- for feature in view.features %},
    {{ if_fresh }}{{ taken }}.__value_{{ loop.index }}{{ end }} as {{ warehouse_ml._quoted(view.prefix ~ feature) }}
    {%- endfor %},
    {{ if_fresh }}{{ warehouse_ml.minutes_between(taken ~ '.__known_at', '__at') }}{{ end }} as {{ warehouse_ml._quoted(view.alias ~ '_age_minutes') }}
    {%- endfor %}
from __joined_{{ groups | length }}
where __spine is not null
{%- endmacro %}


{#- Views with the same keys of the spine, as a list of mappings of keys, a list, and views, a list.
    views: list of mappings as `feature_view` gives them. -#}
{% macro _views_by_keys(views) -%}
    {%- set groups = {} -%}
    {%- for view in views -%}
        {%- set keys = view['keys'].keys() | sort -%}
        {%- do groups.setdefault(keys | join('\n'), {'keys': keys, 'views': []}).views.append(view) -%}
    {%- endfor -%}
    {{ return(groups.values() | list) }}
{%- endmacro %}


{#- By what the rows of a view are ordered where several count, as a mapping of name to SQL: the latest instant, of equal ones
    the one known last, and of equal ones again the greatest hash.
    view: mapping as `feature_view` gives it. -#}
{% macro _rank_of(view) -%}
    {%- set rank = {
        '__event_at': warehouse_ml._utc('__row.' ~ warehouse_ml._quoted(view.event_at)),
        '__known_at': warehouse_ml._utc('__row.' ~ warehouse_ml._quoted(view.known_at)),
    } -%}
    {%- if not view.is_unique -%}{%- do rank.update({'__hash': warehouse_ml._row_hash('__row')}) -%}{%- endif -%}
    {{ return(rank) }}
{%- endmacro %}


{#- What a spine row takes of a row of a view, as a mapping of name to SQL.
    view: mapping as `feature_view` gives it. -#}
{% macro _values_of(view) -%}
    {%- set values = {
        '__event_at': warehouse_ml._utc('__row.' ~ warehouse_ml._quoted(view.event_at)),
        '__known_at': warehouse_ml._utc('__row.' ~ warehouse_ml._quoted(view.known_at)),
    } -%}
    {%- for feature in view.features -%}
        {%- do values.update({'__value_' ~ loop.index: '__row.' ~ warehouse_ml._quoted(feature)}) -%}
    {%- endfor -%}
    {{ return(values) }}
{%- endmacro %}


{#- A row of a view can be used from the later of its clocks on. Of the rows with the view's usual delay between the clocks the
    one usable last is the one to take, so that an as-of join finds it. Late rows, those with another delay, are few as a
    rule: of them only those count that are about a later instant than all late ones before, and they have a join of their own,
    of keys and instants alone and only where a key has any: an as-of join sorts whole rows of both sides, be the other one
    empty. A spine row takes the later of the two. -#}
{% macro duckdb___join_as_of(spine, at, views) -%}
{%- set spine_at = warehouse_ml._utc('spine.' ~ warehouse_ml._quoted(at)) -%}
with
{%- for view in views %}
{{ warehouse_ml._usable_rows(view) }}
{%- if view.event_at != view.known_at %},

{{ warehouse_ml._late_rows_at_instants(view, spine, spine_at) }}
{%- endif %}{{ ',\n' if not loop.last }}
{%- endfor %}

select
    spine.*
    {%- for view in views %}
    {%- set taken = warehouse_ml._taken_of(view) %}
    {%- set if_fresh = 'case when ' ~ spine_at ~ ' <= ' ~ taken.event_at ~ ' + ' ~ warehouse_ml._span(view.ttl) ~ ' then ' if view.ttl else '' %}
    {%- set end = ' end' if view.ttl else '' %},
    unnest({{ if_fresh }}{{ taken.row }}{{ end }}),
    {{ if_fresh }}{{ warehouse_ml.minutes_between(taken.known_at, spine_at) }}{{ end }} as {{ warehouse_ml._quoted(view.alias ~ '_age_minutes') }}
    {%- endfor %}
from {{ warehouse_ml._without_columns(spine, warehouse_ml._names_of_join(views)) }} as spine
{%- for view in views %}
{%- set usable = warehouse_ml._quoted(view.alias ~ '_usable') %}
asof left join {{ usable }}
    on
        {%- for key in view['keys'] %}
        spine.{{ warehouse_ml._quoted(key) }} = {{ usable }}.__key_{{ loop.index }}
        and
        {%- endfor %}
        {%- if view.is_unique %} {{ spine_at }} >= {{ usable }}.__usable_at
        {%- else %} cast(epoch_us({{ spine_at }}) + 1 as hugeint) * 18446744073709551616 > {{ usable }}.__rank
        {%- endif %}
{%- endfor %}
{#- These come last, as each as-of join sorts all columns of those before it. #}
{%- for view in views if view.event_at != view.known_at %}
{%- set late_at = warehouse_ml._quoted(view.alias ~ '_late_at') %}
left join {{ late_at }}
    on
        {%- for key in view['keys'] %}
        spine.{{ warehouse_ml._quoted(key) }} = {{ late_at }}.__key_{{ loop.index }}
        and
        {%- endfor %} {{ spine_at }} = {{ late_at }}.__at
cross join {{ warehouse_ml._quoted(view.alias ~ '_delay') }}
{%- endfor %}
{%- endmacro %}


{#- The rows of a view that an as-of join finds, as CTEs: `<alias>_usable` and, where the view has two clocks, `<alias>_late`. Each
    has the keys, `__usable_at`, the instant from which a row can be used, and `__row`, its features.
    view: mapping as `feature_view` gives it. -#}
{% macro _usable_rows(view) -%}
{%- set clocked, delay = warehouse_ml._quoted(view.alias ~ '_clocked'), warehouse_ml._quoted(view.alias ~ '_delay') %}
{%- set late, usable = warehouse_ml._quoted(view.alias ~ '_late'), warehouse_ml._quoted(view.alias ~ '_usable') %}
{%- set event_at, known_at = warehouse_ml._quoted(view.event_at), warehouse_ml._quoted(view.known_at) %}
{%- set grain = warehouse_ml._quoted_columns((view['keys'].values() | list + [view.event_at, view.known_at]) | unique) %}
{%- set keys = [] %}
{%- for key in view['keys'] %}{%- do keys.append('__key_' ~ loop.index) %}{%- endfor %}
{%- set keys = keys | join(', ') %}
{%- set features = 'struct_pack(*columns(* exclude (' ~ keys ~ ', __event_at, __known_at' ~ (', __hash' if not view.is_unique) ~ '))) as __row' %}
{%- set is_usual = '__known_at = __event_at + (select __usual from ' ~ delay ~ ')' %}
{{ clocked }} as not materialized (

    select
        {%- for key in view['keys'].values() %}
        {{ warehouse_ml._quoted(key) }} as __key_{{ loop.index }},
        {%- endfor %}
        {{ warehouse_ml._utc(event_at) }} as __event_at,
        {{ warehouse_ml._utc(known_at) }} as __known_at,
        {%- if not view.is_unique %}
        {{ warehouse_ml._row_hash('candidate') }} as __hash,
        {%- endif %}
        columns(* exclude ({{ grain | join(', ') }})) as '{{ view.prefix | replace("\\", "\\\\") | replace("'", "''") }}\0'
    from {{ view.relation }} as candidate

),
{% if event_at != known_at %}
-- The delay of most of the first rows: any would do, this one leaves few late rows. Of clocks that are infinite there is none.
{{ delay }} as materialized (

    select
        mode(__delay) as __microseconds,
        to_microseconds(__microseconds) as __usual,
        to_microseconds(greatest(__microseconds, 0)) as __after_event,
        to_microseconds(greatest(-__microseconds, 0)) as __after_known
    from (select epoch_us(__known_at) - epoch_us(__event_at) as __delay from {{ clocked }} limit 10000)

),

{{ late }} as materialized (

    select
        {{ keys }},
        __event_at,
        __known_at,
        greatest(__event_at, __known_at) as __usable_at,
        {{ features }}
    from {{ clocked }}
    where
        ({{ is_usual }}) is not true
        and __event_at is not null
        and __known_at is not null
    {%- set rank = '(__event_at, __known_at' ~ (', __hash' if not view.is_unique) ~ ')' %}
    qualify {{ rank }} >= max({{ rank }}) over (partition by {{ keys }} order by __usable_at)

),
{% endif %}
{{ usable }} as (

    select
        {{ keys }},
        greatest(__event_at, __known_at) as __usable_at,
        {%- if not view.is_unique %}
        -- Of equal instants the greatest hash comes last. What has always counted has no number of microseconds.
        cast(epoch_us(greatest(__usable_at, timestamp '0001-01-01')) as hugeint) * 18446744073709551616 + __hash as __rank,
        {%- endif %}
        {{ features }}
    from {{ clocked }}
    {%- if event_at != known_at %}
    where {{ is_usual }}
    {%- elif not view.is_unique %}
    where __event_at is not null
    {%- endif %}

)
{%- endmacro %}


{#- The late row that counts at each instant of the spine, as the CTE `<alias>_late_at`.
    view: mapping as `feature_view` gives it · spine: relation · spine_at: SQL of the instant of a row of `spine`. -#}
{% macro _late_rows_at_instants(view, spine, spine_at) -%}
{%- set late = warehouse_ml._quoted(view.alias ~ '_late') %}
{%- set keys, columns = [], [] %}
{%- for key in view['keys'] %}
{%- do keys.append('__key_' ~ loop.index) %}
{%- do columns.append('spine.' ~ warehouse_ml._quoted(key)) %}
{%- endfor %}
{{ warehouse_ml._quoted(view.alias ~ '_late_at') }} as (

    select
        {%- for key in keys %}
        instants.{{ key }},
        {%- endfor %}
        instants.__at,
        late.__event_at,
        late.__known_at,
        late.__row
    from (
        select distinct
            {%- for column in columns %}
            {{ column }} as {{ keys[loop.index0] }},
            {%- endfor %}
            {{ spine_at }} as __at
        from {{ warehouse_ml._quoted_relation(spine) }} as spine
        where exists (
            select 1
            from {{ late }} as late
            where {% for column in columns %}{{ column }} = late.{{ keys[loop.index0] }}{{ ' and ' if not loop.last }}{% endfor %}
        )
    ) as instants
    asof join {{ late }} as late
        on
            {%- for key in keys %}
            instants.{{ key }} = late.{{ key }}
            and
            {%- endfor %} instants.__at >= late.__usable_at

)
{%- endmacro %}


{#- What a spine row takes of a view, as a mapping to SQL: event_at and known_at, the clocks in UTC, and row, a struct of features.
    view: mapping as `feature_view` gives it. -#}
{% macro _taken_of(view) -%}
    {%- set delay, late, usable = warehouse_ml._quoted(view.alias ~ '_delay'), warehouse_ml._quoted(view.alias ~ '_late_at'), warehouse_ml._quoted(view.alias ~ '_usable') -%}
    {%- set usable_at = usable ~ '.__usable_at' -%}
    {%- if view.event_at == view.known_at -%}
        {{ return({'event_at': usable_at, 'known_at': usable_at, 'row': usable ~ '.__row'}) }}
    {%- endif -%}
    {#- Of rows with the usual delay one clock follows from the other, so that the join carries only one. -#}
    {%- set event_at, known_at = '(' ~ usable_at ~ ' - ' ~ delay ~ '.__after_event)', '(' ~ usable_at ~ ' - ' ~ delay ~ '.__after_known)' -%}
    {%- set is_late = usable_at ~ ' is null or ' ~ late ~ '.__event_at > ' ~ event_at
        ~ ' or (' ~ late ~ '.__event_at = ' ~ event_at ~ ' and ' ~ late ~ '.__known_at > ' ~ known_at ~ ')' -%}
    {{ return({
        'event_at': 'case when ' ~ is_late ~ ' then ' ~ late ~ '.__event_at else ' ~ event_at ~ ' end',
        'known_at': 'case when ' ~ is_late ~ ' then ' ~ late ~ '.__known_at else ' ~ known_at ~ ' end',
        'row': 'case when ' ~ is_late ~ ' then ' ~ late ~ '.__row else ' ~ usable ~ '.__row end',
    }) }}
{%- endmacro %}
