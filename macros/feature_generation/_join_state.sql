{#- The join of `spine` rows to the last state of their keys before the instant of each, in the form that is fast on the
    engine. A row that has none before it is kept.
    step: prefix of the step `_spine`, with `__key_1` and on, and `__spine_at`, of which no two rows share all · state: step with
    `__key_1` and on, and `__at`, likewise · alias: what the state is called · keys: how many there are. -#}
{% macro _join_state(step, state, alias, keys) -%}
    {{ adapter.dispatch('_join_state', 'warehouse_ml')(step, state, alias, keys) }}
{%- endmacro %}


{#- For any engine: states are put among the instants of the spine, which shows the last one before each; one sort by key and
    instant, and joins of equal values. -#}
{% macro default___join_state(step, state, alias, keys) -%}
{%- set instants = warehouse_ml._quoted('__instants_of_' ~ alias) -%}
{%- set state_name, alias = warehouse_ml._quoted(state), warehouse_ml._quoted(alias) -%}
{%- set key_list = [] -%}
{%- for number in range(1, keys + 1) -%}{%- do key_list.append('__key_' ~ number) -%}{%- endfor -%}
{%- set key_list = key_list | join(', ') -%}
left join (
    select
        {{ key_list }},
        __spine_at,
        max(__state_at) over (
            partition by {{ key_list }}
            order by __stacked_at asc, __is_state asc
            rows between unbounded preceding and current row
        ) as __state_at
    from (
        select
            {{ key_list }},
            __spine_at,
            __spine_at as __stacked_at,
            0 as __is_state,
            null as __state_at
        from {{ step }}_spine
        union all
        select
            {{ key_list }},
            null as __spine_at,
            __at as __stacked_at,
            1 as __is_state,
            __at as __state_at
        from {{ state_name }}
        where __at is not null
    ) as stacked
) as {{ instants }}
    on
        {%- for number in range(1, keys + 1) %}
        spine.__key_{{ number }} = {{ instants }}.__key_{{ number }}
        and
        {%- endfor %} spine.__spine_at = {{ instants }}.__spine_at
left join {{ state_name }} as {{ alias }}
    on
        {%- for number in range(1, keys + 1) %}
        {{ instants }}.__key_{{ number }} = {{ alias }}.__key_{{ number }}
        and
        {%- endfor %} {{ instants }}.__state_at = {{ alias }}.__at
{%- endmacro %}


{% macro duckdb___join_state(step, state, alias, keys) -%}
{%- set alias = warehouse_ml._quoted(alias) -%}
asof left join {{ warehouse_ml._quoted(state) }} as {{ alias }}
    on
        {%- for number in range(1, keys + 1) %}
        spine.__key_{{ number }} = {{ alias }}.__key_{{ number }}
        and
        {%- endfor %} spine.__spine_at > {{ alias }}.__at
{%- endmacro %}
