{#- The query of point_in_time_join, in the form that is fast on the engine.
    spine: relation · at: the spine's column with the time · views: list of mappings as `feature_view` gives them. -#}
{% macro _join_as_of(spine, at, views) -%}
    {{ adapter.dispatch('_join_as_of', 'warehouse_ml')(spine, at, views) }}
{%- endmacro %}


{#- For any engine with lateral joins: word by word what point_in_time_join promises, and slow. -#}
{% macro default___join_as_of(spine, at, views) -%}
{%- set spine_at = warehouse_ml._utc('spine.' ~ warehouse_ml._quoted(at)) -%}
select
    spine.*
    {%- for view in views %}
    {%- set taken = warehouse_ml._quoted(view.alias ~ '_taken') %}
    {%- for feature in view.features %},
    {{ taken }}.{{ warehouse_ml._quoted(feature) }} as {{ warehouse_ml._quoted(view.prefix ~ feature) }}
    {%- endfor %},
    {{ warehouse_ml.minutes_between(taken ~ '.' ~ warehouse_ml._quoted(view.known_at), spine_at) }} as {{ warehouse_ml._quoted(view.alias ~ '_age_minutes') }}
    {%- endfor %}
from {{ warehouse_ml._without_columns(spine, warehouse_ml._names_of_join(views)) }} as spine
{%- for view in views %}
{%- set taken = warehouse_ml._quoted(view.alias ~ '_taken') %}
{%- set event_at, known_at = warehouse_ml._quoted(view.event_at), warehouse_ml._quoted(view.known_at) %}
left join lateral (
    select *
    from {{ view.relation }} as candidate
    where
        {{ warehouse_ml._utc('candidate.' ~ event_at) }} <= {{ spine_at }}
        and {{ warehouse_ml._utc('candidate.' ~ known_at) }} <= {{ spine_at }}
        {%- for spine_key, key in view['keys'].items() %}
        and candidate.{{ warehouse_ml._quoted(key) }} = spine.{{ warehouse_ml._quoted(spine_key) }}
        {%- endfor %}
    order by
        {{ warehouse_ml._utc('candidate.' ~ event_at) }} desc,
        {{ warehouse_ml._utc('candidate.' ~ known_at) }} desc,
        {{ warehouse_ml._row_hash('candidate') }} desc
    limit 1
) as {{ taken }}
    on {{ (spine_at ~ ' <= ' ~ warehouse_ml._utc(taken ~ '.' ~ event_at) ~ ' + ' ~ warehouse_ml._span(view.ttl)) if view.ttl else 'true' }}
{%- endfor %}
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
