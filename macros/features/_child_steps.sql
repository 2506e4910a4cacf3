{#- The steps from a child's rows to what is known of them at any instant, for generate_features.

    A row is in a window of length s from the instant it is usable, the later of its clocks, until event_at + s or until a
    correction of it is usable. So what all rows in the window add up to is the sum of those that have entered less the
    sum of those that have left: running sums over time, of whole numbers, which are exact in any order.

    child: mapping as `_related_children` gives it · step: prefix of the names. -#}
{% macro _child_steps(child, step) -%}
{%- set key_list -%}
{%- for key in child['keys'] %}__key_{{ loop.index }}{{ ', ' if not loop.last }}{%- endfor %}
{%- endset -%}
{%- set windows = child.windows.keys() | list -%}
{{ step }}_rows as (

    select
        {%- for column in child['keys'].values() %}
        {{ column }} as __key_{{ loop.index }},
        {%- endfor %}
        {{ child.event_at }} as __event_at,
        {{ child.known_at }} as __known_at,
        greatest({{ child.event_at }}, {{ child.known_at }}) as __usable_at,
        {%- if child.id %}
        case when {{ child.id }} is not null then lead(greatest({{ child.event_at }}, {{ child.known_at }})) over (
            partition by {{ child.id }}
            order by {{ ([child.known_at] + child['values'].values() | list) | join(' asc nulls first, ') }} asc nulls first
        ) end as __corrected_at,
        {%- else %}
        cast(null as timestamp) as __corrected_at,
        {%- endif %}
        cast(epoch({{ child.event_at }}) as bigint) - 946684800 as __second
        {%- for value in child['values'].values() %},
        {{ value }} as __value_{{ loop.index }},
        try_cast(round(try_cast({{ value }} as double) * 1e6) as bigint) as __whole_{{ loop.index }}
        {%- endfor %}
    from {{ step if child.children else child.relation }}
    where
        {{ (child['keys'].values() | list + [child.event_at, child.known_at]) | join(' is not null\n        and ') }} is not null

),

{{ step }}_changes as (

    select
        * exclude (__event_at, __known_at, __usable_at, __corrected_at),
        __usable_at as __at
        {%- for window in windows %},
        cast({{ warehouse_ml._window_holds(child.windows[window]) }} as integer) as __change_{{ window }}
        {%- endfor %}
    from {{ step }}_rows
    {%- for window in windows if child.windows[window] or child.id %}
    union all
    select
        * exclude (__event_at, __known_at, __usable_at, __corrected_at),
        {{ warehouse_ml._window_end(child.windows[window]) }} as __at
        {%- for other in windows %},
        {{ -1 if other == window else 0 }} as __change_{{ other }}
        {%- endfor %}
    from {{ step }}_rows
    where
        {{ warehouse_ml._window_holds(child.windows[window]) }}
        and {{ warehouse_ml._window_end(child.windows[window]) }} is not null
    {%- endfor %}

),

{{ step }}_states as (

    select
        {{ key_list }},
        __at
        {%- for window in windows %}
        {%- set change = '__change_' ~ window %},
        sum(sum({{ change }})) over so_far as __count_{{ window }}
        {%- for value in child['values'] %}
        {%- set whole = '__whole_' ~ loop.index %}
        {%- set ending = loop.index ~ '_' ~ window %},
        sum(sum({{ change }}) filter (where {{ whole }} is not null)) over so_far as __n_{{ ending }},
        sum(sum({{ change }} * {{ whole }})) over so_far as __v_{{ ending }}
        {%- if 'trend' in child.functions and value not in child.generated %},
        sum(sum({{ change }} * __second) filter (where {{ whole }} is not null)) over so_far as __s_{{ ending }},
        sum(sum(cast({{ change }} * __second as hugeint) * __second) filter (where {{ whole }} is not null)) over so_far as __ss_{{ ending }},
        sum(sum(cast({{ change }} * __second as hugeint) * {{ whole }})) over so_far as __sv_{{ ending }}
        {%- endif %}
        {%- endfor %}
        {%- endfor %}
    from {{ step }}_changes
    group by {{ key_list }}, __at
    window
        so_far as (
            partition by {{ key_list }}
            order by __at asc nulls last
            rows between unbounded preceding and current row
        )

)
{%- if child.is_last_asked %},

{{ step }}_latest as (

    select
        * exclude (__known_at, __usable_at, __corrected_at, __second),
        __usable_at as __at
    from {{ step }}_rows
    qualify
        __event_at = max(__event_at) over (
            partition by {{ key_list }}
            order by __usable_at asc nulls last
            range between unbounded preceding and current row
        )
        and row_number() over (
            partition by {{ key_list }}, __usable_at
            order by
                __event_at desc nulls last,
                __known_at desc nulls last
                {%- for value in child['values'] %},
                __value_{{ loop.index }} desc nulls last
                {%- endfor %}
        ) = 1

)
{%- endif %}
{%- endmacro %}


{#- When a row leaves a window; null for never.
    length: of the window; none for all time. -#}
{% macro _window_end(length) -%}
    {{ 'least(__event_at + ' ~ warehouse_ml._interval(length) ~ ', __corrected_at)' if length else '__corrected_at' }}
{%- endmacro %}


{#- Whether a row is ever in a window.
    length: of the window; none for all time. -#}
{% macro _window_holds(length) -%}
    coalesce(__usable_at < {{ warehouse_ml._window_end(length) }}, true)
{%- endmacro %}


{#- A length such as `7 day` as an SQL interval.
    length: number and unit. -#}
{% macro _interval(length) -%}
    interval '{{ length.split(' ')[0] }}' {{ length.split(' ')[1].rstrip('s') }}
{%- endmacro %}
