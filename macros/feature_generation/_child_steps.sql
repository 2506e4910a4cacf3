{#- The steps from a child's rows to its features at the instants of the spine, for generate_features.

    A row is in a window of length s from the instant it is usable, the later of its clocks, until event_at + s or until a
    correction of it is usable. So what the rows in a window add up to is the running sum of those that have entered, less
    the running sum of those that have left. These are sums of whole numbers, exact in any order: as doubles below 9e15,
    as decimal(38, 0) where they can be greater.

    child: mapping as `_related_children` gives it · step: prefix of the names · spine: relation · at: the spine's column
    with the instant. -#}
{% macro _child_steps(child, step, spine, at) -%}
{%- set key_list -%}
{%- for key in child['keys'] %}__key_{{ loop.index }}{{ ', ' if not loop.last }}{%- endfor %}
{%- endset -%}
{%- set event_at, known_at, id = warehouse_ml._quoted(child.event_at), warehouse_ml._quoted(child.known_at), warehouse_ml._quoted(child.id) -%}
{%- set child_keys = warehouse_ml._quoted_columns(child['keys'].values()) -%}
{{ step }}_rows as (

    select
        {%- for column in child['keys'].values() %}
        {{ warehouse_ml._quoted(column) }} as __key_{{ loop.index }},
        {%- endfor %}
        {{ event_at }} as __event_at,
        {{ known_at }} as __known_at,
        greatest({{ event_at }}, {{ known_at }}) as __usable_at,
        {%- if child.id %}
        case
            when {{ id }} is not null
                then lead(greatest({{ event_at }}, {{ known_at }})) over (
                    partition by {{ id }}
                    order by {{ ([known_at] + child['values'].values() | list) | join(' asc nulls first, ') }} asc nulls first
                )
        end as __corrected_at,
        {%- endif %}
        cast(round({{ warehouse_ml.minutes_between("timestamp '2000-01-01'", event_at) }} * 60) as bigint) as __second
        {%- for value in child['values'].values() %},
        {{ value }} as __value_{{ loop.index }},
        try_cast(round(try_cast({{ value }} as double) * 1e6) as bigint) as __whole_{{ loop.index }}
        {%- endfor %}
    from {{ step if child.children else warehouse_ml._quoted_relation(child.relation) }}
    where
        {{ (child_keys + [event_at, known_at]) | join(' is not null\n        and ') }} is not null

),

{{ step }}_entered as (

    {{ warehouse_ml._running_sums(child, step ~ '_rows', key_list, '__usable_at') | indent(4) }}

),
{% for window, length in child.windows.items() if length or child.id %}
{%- set ends = (['__event_at + ' ~ warehouse_ml._span(length)] if length else []) + (['__corrected_at'] if child.id else []) %}
{{ warehouse_ml._quoted(step ~ '_left_' ~ window) }} as (

    {{ warehouse_ml._running_sums(
        child, step ~ '_rows', key_list, 'greatest(__usable_at, ' ~ (ends[0] if ends | length == 1 else 'least(' ~ ends | join(', ') ~ ')') ~ ')',
        '__corrected_at is not null' if not length else none
    ) | indent(4) }}

),
{% endfor %}
{%- if child.needs_latest %}
{{ step }}_latest as (

    select
        {{ key_list }},
        __usable_at as __at,
        __event_at
        {%- for value in child['values'] %},
        __value_{{ loop.index }}
        {%- endfor %}
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

),
{% endif %}
{{ step }}_spine as (

    select distinct
        {%- for key in child['keys'] %}
        {{ warehouse_ml._quoted(key) }} as __key_{{ loop.index }},
        {%- endfor %}
        {{ warehouse_ml._quoted(at) }} as __spine_at
    from {{ warehouse_ml._quoted_relation(spine) }}
    where {{ warehouse_ml._quoted_columns(child['keys'].keys() | list + [at]) | join(' is not null and ') }} is not null

),

{{ step }}_features as (

    select
        {%- for key in child['keys'] %}
        spine.__key_{{ loop.index }},
        {%- endfor %}
        spine.__spine_at
        {%- for feature in warehouse_ml._child_features(child) %},
        {{ feature.sql }} as {{ warehouse_ml._quoted(feature.name) }}
        {%- endfor %}
    from {{ step }}_spine as spine
    {%- for name in warehouse_ml._child_states(child) %}
    {{ warehouse_ml._join_state(step, step ~ '_' ~ name, name, child['keys'] | length) | indent(4) }}
    {%- endfor %}

)
{%- endmacro %}


{#- The steps of a child that tell a state by instant, which its features are read from.
    child: mapping as `_related_children` gives it. -#}
{% macro _child_states(child) -%}
    {%- set states = ['entered'] -%}
    {%- for window, length in child.windows.items() if length or child.id -%}
        {%- do states.append('left_' ~ window) -%}
    {%- endfor -%}
    {{ return(states + (['latest'] if child.needs_latest else [])) }}
{%- endmacro %}


{#- What a child's rows add up to until any instant.
    child: mapping as `_related_children` gives it · rows: the step with the rows · key_list: their keys · at: SQL of the
    instant from which a row counts · condition: which rows do, all by default. -#}
{% macro _running_sums(child, rows, key_list, at, condition=none) -%}
select
    {{ key_list }},
    {{ at }} as __at,
    sum(cast(count(*) as double)) over so_far as __count
    {%- for value in child['values'] %}
    {%- set whole = '__whole_' ~ loop.index %}
    {%- set if_valued = ' filter (where ' ~ whole ~ ' is not null)' %}
    {%- set has_trend = 'trend' in child.functions and value not in child.generated %}
    {%- if has_trend or 'mean' in child.functions %},
    sum(cast(count({{ whole }}) as double)) over so_far as __n_{{ loop.index }},
    sum(cast(sum({{ whole }}) as double)) over so_far as __v_{{ loop.index }}
    {%- endif %}
    {%- if has_trend %},
    sum(cast(sum(__second){{ if_valued }} as double)) over so_far as __s_{{ loop.index }},
    sum(sum(cast(__second as decimal(38, 0)) * __second){{ if_valued }}) over so_far as __ss_{{ loop.index }},
    sum(sum(cast(__second as decimal(38, 0)) * {{ whole }})) over so_far as __sv_{{ loop.index }}
    {%- endif %}
    {%- endfor %}
from {{ rows }}
{%- if condition %}
where {{ condition }}
{%- endif %}
group by {{ key_list }}, {{ at }}
window
    so_far as (
        partition by {{ key_list }}
        order by {{ at }} asc nulls last
        rows between unbounded preceding and current row
    )
{%- endmacro %}
