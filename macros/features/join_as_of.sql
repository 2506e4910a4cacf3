{#- The query of point_in_time_join, in the form that is fast on the engine.
    spine: relation · at: the spine's column with the time · views: list of mappings as `feature_view` gives them. -#}
{% macro join_as_of(spine, at, views) -%}
    {{ adapter.dispatch('join_as_of', 'warehouse_ml')(spine, at, views) }}
{%- endmacro %}


{#- For any engine with lateral joins: word by word what point_in_time_join promises, and slow. -#}
{% macro default__join_as_of(spine, at, views) -%}
select
    spine.*
    {%- for view in views %}
    {%- for feature in view.features %},
    {{ view.alias }}.{{ feature }} as {{ view.prefix }}{{ feature }}
    {%- endfor %},
    {{ warehouse_ml.minutes_between(view.alias ~ '.' ~ view.known_at, 'spine.' ~ at) }} as {{ view.alias }}_age_minutes
    {%- endfor %}
from {{ spine }} as spine
{%- for view in views %}
left join lateral (
    select *
    from {{ view.relation }} as candidate
    where
        candidate.{{ view.event_at }} <= spine.{{ at }}
        and candidate.{{ view.known_at }} <= spine.{{ at }}
        {%- for spine_key, key in view['keys'].items() %}
        and candidate.{{ key }} = spine.{{ spine_key }}
        {%- endfor %}
    order by
        candidate.{{ view.event_at }} desc,
        candidate.{{ view.known_at }} desc,
        {{ warehouse_ml.row_hash('candidate') }} desc
    limit 1
) as {{ view.alias }}
    on {{ ('spine.' ~ at ~ ' <= ' ~ view.alias ~ '.' ~ view.event_at ~ ' + ' ~ warehouse_ml.span(view.ttl)) if view.ttl else 'true' }}
{%- endfor %}
{%- endmacro %}


{#- A row of a view can be used from the later of its clocks on. Displaced rows are put aside, so that of the others
    the one usable last is the one to take. -#}
{% macro duckdb__join_as_of(spine, at, views) -%}
with
{%- for view in views %}
{%- set keys = view['keys'].values() | list %}
{%- set has_one_clock = view.event_at == view.known_at %}
{%- set usable_at = view.event_at if has_one_clock else 'greatest(' ~ view.event_at ~ ', ' ~ view.known_at ~ ')' %}
{%- if not has_one_clock %}
{{ view.alias }}_displaced as materialized (

    {{ warehouse_ml._displaced_rows(view, usable_at) | indent(4) }}

),
{% endif %}
{{ view.alias }}_usable as (

    select
        {%- for key in keys %}
        {{ key }} as __key_{{ loop.index }},
        {%- endfor %}
        {{ view.event_at }} as __event_at,
        {{ view.known_at }} as __known_at,
        {%- if view.is_unique %}
        {{ usable_at }} as __usable_at,
        {%- else %}
        -- Of equal instants the greatest hash comes last.
        cast(epoch_us({{ usable_at }}) as hugeint) * 18446744073709551616 + {{ warehouse_ml.row_hash('candidate') }} as __usable_at,
        {%- endif %}
        columns(* exclude ({{ (keys + [view.event_at, view.known_at]) | unique | join(', ') }})) as '{{ view.prefix }}\0'
    from {{ view.relation }} as candidate
    {%- if not has_one_clock %}
    anti join {{ view.alias }}_displaced as displaced
        on
            {%- for column in (keys + [view.event_at, view.known_at]) | unique %}
            {{ 'and ' if not loop.first }}candidate.{{ column }} = displaced.{{ column }}
            {%- endfor %}
    {%- endif %}
    where
        candidate.{{ view.event_at }} is not null
        and candidate.{{ view.known_at }} is not null

){{ ',\n' if not loop.last }}
{%- endfor %}

select
    spine.*
    {%- for view in views %}
    {%- set columns = 'columns(' ~ view.alias ~ '.* exclude (' ~ warehouse_ml._own_columns(view) ~ '))' %}
    {%- set age = warehouse_ml.minutes_between(view.alias ~ '.__known_at', 'spine.' ~ at) %}
    {%- set if_fresh = 'case when spine.' ~ at ~ ' <= ' ~ view.alias ~ '.__event_at + ' ~ warehouse_ml.span(view.ttl) ~ ' then ' if view.ttl else '' %}
    {%- set end = ' end' if view.ttl else '' %},
    {{ if_fresh }}{{ columns }}{{ end }} as '\0',
    {{ if_fresh }}{{ age }}{{ end }} as {{ view.alias }}_age_minutes
    {%- endfor %}
from {{ spine }} as spine
{%- for view in views %}
asof left join {{ view.alias }}_usable as {{ view.alias }}
    on
        {%- for key in view['keys'] %}
        spine.{{ key }} = {{ view.alias }}.__key_{{ loop.index }}
        and
        {%- endfor %}
        {%- if view.is_unique %} spine.{{ at }} >= {{ view.alias }}.__usable_at
        {%- else %} cast(epoch_us(spine.{{ at }}) + 1 as hugeint) * 18446744073709551616 > {{ view.alias }}.__usable_at
        {%- endif %}
{%- endfor %}
{%- endmacro %}


{#- Rows that, from the instant they can be used, are displaced by one about a later instant or by a correction. Where all
    rows become known after the same delay there are none, and none are looked for.
    view: mapping as `feature_view` gives it · usable_at: SQL timestamp from which a row can be used. -#}
{% macro _displaced_rows(view, usable_at) -%}
{%- set keys = view['keys'].values() | list %}
{%- set delay = 'epoch_us(' ~ view.known_at ~ ') - epoch_us(' ~ view.event_at ~ ')' -%}
select {{ (keys + [view.event_at, view.known_at]) | unique | join(', ') }}
from {{ view.relation }}
where
    (select min({{ delay }}) < max({{ delay }}) from {{ view.relation }})
    and {{ view.event_at }} is not null
    and {{ view.known_at }} is not null
window
    by_use as (
        partition by {{ keys | join(', ') }}
        order by {{ usable_at }} asc, {{ view.event_at }} asc, {{ view.known_at }} asc
        rows between unbounded preceding and current row
    )
qualify
    {{ view.event_at }} < max({{ view.event_at }}) over by_use
    or (
        {{ usable_at }} = lead({{ usable_at }}) over by_use
        and ({{ view.event_at }}, {{ view.known_at }}) < (lead({{ view.event_at }}) over by_use, lead({{ view.known_at }}) over by_use)
    )
{%- endmacro %}


{#- The columns that the as-of join needs and its result leaves out.
    view: mapping as `feature_view` gives it. -#}
{% macro _own_columns(view) -%}
    {%- for key in view['keys'] %}__key_{{ loop.index }}, {% endfor %}__event_at, __known_at, __usable_at
{%- endmacro %}
