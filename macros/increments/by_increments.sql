{#- Lets a model be built by increments where the var `lookback` is set, such as '7 day': each build replaces the rows from
    what it knew last less the lookback on, in one transaction, and leaves earlier rows. Without the var, and with
    `--full-refresh`, it is built whole. It goes first in a model; its query keeps to `in_increment`.

    at: column with the instant, never null, by which rows are replaced · known_at: column with the instant at which a row
    became known, which no row of a build as of a cutoff passes; needed where `at` may run ahead of it, as that of a schedule
    does · margin: how much further than the lookback a model must look, such as '2 day': how long after `at` a part of a
    row becomes known, or how far a change in other models built by increments reaches back in one made from them. -#}
{% macro by_increments(at, known_at=none, margin=none) -%}
    {%- set lookback = var('lookback', none) -%}
    {%- if lookback is not none -%}
        {%- if not warehouse_ml._is_span(lookback) -%}
            {{ exceptions.raise_compiler_error(
                "The var lookback must be a number above 0 and a unit (second, minute, hour, day or week), such as '7 day', but "
                ~ "found '" ~ lookback ~ "': correct it."
            ) }}
        {%- endif -%}
        {{ config(
            materialized='incremental',
            incremental_strategy='append',
            pre_hook='{{ warehouse_ml._delete_increment() }}',
            on_schema_change='fail',
            meta={'increment': {'at': at, 'known_at': known_at or at, 'margin': margin}}
        ) }}
    {%- endif -%}
{%- endmacro %}
