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


{#- A row of a view can be used from the later of its clocks on. Displaced rows are put aside, so that of the others
    the one usable last is the one to take. -#}
{% macro duckdb___join_as_of(spine, at, views) -%}
{%- set spine_at = warehouse_ml._utc('spine.' ~ warehouse_ml._quoted(at)) -%}
with
{%- for view in views %}
{%- set usable, displaced = warehouse_ml._quoted(view.alias ~ '_usable'), warehouse_ml._quoted(view.alias ~ '_displaced') %}
{%- set event_at, known_at = warehouse_ml._quoted(view.event_at), warehouse_ml._quoted(view.known_at) %}
{%- set grain = warehouse_ml._quoted_columns((view['keys'].values() | list + [view.event_at, view.known_at]) | unique) %}
{%- if event_at != known_at %}
{{ displaced }} as materialized (

    {{ warehouse_ml._displaced_rows(view, grain) | indent(4) }}

),
{% endif %}
{{ usable }} as (

    select
        {%- for key in view['keys'].values() %}
        {{ warehouse_ml._quoted(key) }} as __key_{{ loop.index }},
        {%- endfor %}
        {{ warehouse_ml._utc(event_at) }} as __event_at,
        {{ warehouse_ml._utc(known_at) }} as __known_at,
        {%- if view.is_unique %}
        greatest(__event_at, __known_at) as __usable_at,
        {%- else %}
        -- Of equal instants the greatest hash comes last. What has always counted has no number of microseconds.
        cast(epoch_us(greatest(__event_at, __known_at, timestamp '0001-01-01')) as hugeint) * 18446744073709551616 + {{ warehouse_ml._row_hash('candidate') }} as __usable_at,
        {%- endif %}
        columns(* exclude ({{ grain | join(', ') }})) as '{{ view.prefix | replace("\\", "\\\\") | replace("'", "''") }}\0'
    from {{ view.relation }} as candidate
    {%- if event_at != known_at %}
    anti join {{ displaced }} as displaced
        on
            {%- for column in grain %}
            {{ 'and ' if not loop.first }}candidate.{{ column }} = displaced.{{ column }}
            {%- endfor %}
    {%- endif %}
    where
        candidate.{{ event_at }} is not null
        and candidate.{{ known_at }} is not null

){{ ',\n' if not loop.last }}
{%- endfor %}

select
    spine.*
    {%- for view in views %}
    {%- set usable = warehouse_ml._quoted(view.alias ~ '_usable') %}
    {%- set columns = 'columns(' ~ usable ~ '.* exclude (' ~ warehouse_ml._own_columns(view) ~ '))' %}
    {%- set age = warehouse_ml.minutes_between(usable ~ '.__known_at', spine_at) %}
    {%- set if_fresh = 'case when ' ~ spine_at ~ ' <= ' ~ usable ~ '.__event_at + ' ~ warehouse_ml._span(view.ttl) ~ ' then ' if view.ttl else '' %}
    {%- set end = ' end' if view.ttl else '' %},
    {{ if_fresh }}{{ columns }}{{ end }} as '\0',
    {{ if_fresh }}{{ age }}{{ end }} as {{ warehouse_ml._quoted(view.alias ~ '_age_minutes') }}
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
        {%- else %} cast(epoch_us({{ spine_at }}) + 1 as hugeint) * 18446744073709551616 > {{ usable }}.__usable_at
        {%- endif %}
{%- endfor %}
{%- endmacro %}


{#- Rows that, from the instant they can be used, are displaced by one about a later instant, or by a correction known when
    it happens. Where all rows become known after the same delay there are none, and none are looked for.
    view: mapping as `feature_view` gives it · grain: list of its keys and clocks, quoted. -#}
{% macro _displaced_rows(view, grain) -%}
{%- set keys = warehouse_ml._quoted_columns(view['keys'].values()) | join(', ') %}
{%- set event_at, known_at = warehouse_ml._quoted(view.event_at), warehouse_ml._quoted(view.known_at) %}
{%- set delay = 'epoch_us(' ~ known_at ~ ') - epoch_us(' ~ event_at ~ ')' %}
with clocked as not materialized (

    select
        {{ grain | join(', ') }},
        {{ warehouse_ml._utc(event_at) }} as __event_at,
        {{ warehouse_ml._utc(known_at) }} as __known_at,
        greatest(__event_at, __known_at) as __usable_at
    from {{ view.relation }}
    where
        {{ event_at }} is not null
        and {{ known_at }} is not null

),

-- An infinite instant has no delay.
delays as (

    select
        min({{ delay }}) < max({{ delay }}) or count({{ delay }}) < count(*) as is_any_late,
        min({{ delay }}) < 0 or count({{ delay }}) < count(*) as is_any_ahead
    from {{ view.relation }}
    where
        {{ event_at }} is not null
        and {{ known_at }} is not null

)

select {{ grain | join(', ') }}
from clocked
where (select is_any_late from delays)
qualify __event_at < max(__event_at) over (partition by {{ keys }} order by __usable_at)
union all
select {{ grain | join(', ') }}
from clocked
where
    (select is_any_late and is_any_ahead from delays)
    and __known_at <= __event_at
qualify __known_at < max(__known_at) over (partition by {{ keys }}, __event_at)
{%- endmacro %}


{#- The columns that the as-of join needs and its result leaves out.
    view: mapping as `feature_view` gives it. -#}
{% macro _own_columns(view) -%}
    {%- for key in view['keys'] %}__key_{{ loop.index }}, {% endfor %}__event_at, __known_at, __usable_at
{%- endmacro %}
