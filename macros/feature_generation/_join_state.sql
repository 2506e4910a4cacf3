{#- The join of `spine` rows to the last state of their keys before the instant of each, in the form that is fast on the
    engine. A row that has none before it is kept.
    state: step with `__key_1` and on, and `__at`, of which no two rows share both · alias: what the state is called · keys:
    how many there are. -#}
{% macro _join_state(state, alias, keys) -%}
    {{ adapter.dispatch('_join_state', 'warehouse_ml')(state, alias, keys) }}
{%- endmacro %}


{#- For any engine with lateral joins: word by word, and slow. -#}
{% macro default___join_state(state, alias, keys) -%}
left join lateral (
    select *
    from {{ state }} as candidate
    where
        {%- for number in range(1, keys + 1) %}
        candidate.__key_{{ number }} = spine.__key_{{ number }}
        and
        {%- endfor %} candidate.__at < spine.__spine_at
    order by candidate.__at desc
    limit 1
) as {{ alias }}
    on true
{%- endmacro %}


{% macro duckdb___join_state(state, alias, keys) -%}
asof left join {{ state }} as {{ alias }}
    on
        {%- for number in range(1, keys + 1) %}
        spine.__key_{{ number }} = {{ alias }}.__key_{{ number }}
        and
        {%- endfor %} spine.__spine_at > {{ alias }}.__at
{%- endmacro %}
