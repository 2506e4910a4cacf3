{#- The query that counts in how many rows up to an instant two relations differ: in each column, and by rows of which one
    has none.
    built, replayed: relations · at: SQL instant of a row · last_row_at: ISO text in UTC · keys: list of column names
    · columns: list of the other columns · tolerance: by what part of their size floating-point numbers may differ. -#}
{% macro _compared_rows(built, replayed, at, last_row_at, keys, columns, tolerance) -%}
    {%- set where = config.get('where') -%}
select
    {%- for column in columns %}
    {%- set old = 'built.' ~ warehouse_ml._quoted(column.name) -%}
    {%- set new = 'replayed.' ~ warehouse_ml._quoted(column.name) %}
    count(*) filter (
        where built.is_there = replayed.is_there and {{ old }} is distinct from {{ new }}
        {%- if column.is_float() %}
        and not coalesce({{ warehouse_ml._is_finite(old ~ ' - ' ~ new) }} and abs({{ old }} - {{ new }}) <= {{ tolerance }} * greatest(abs({{ old }}), abs({{ new }})), false)
        {%- endif %}
    ) as {{ warehouse_ml._quoted(column.name) }},
    {%- endfor %}
    count(*) filter (where built.is_there is null) as missing_rows,
    count(*) filter (where replayed.is_there is null) as added_rows
from (
    select
        *,
        1 as is_there
    from {{ built }}
    where {{ warehouse_ml._utc(at) }} <= timestamp '{{ last_row_at }}'
) as built
full join (
    select
        *,
        1 as is_there
    from {{ replayed }}
    where {{ warehouse_ml._utc(at) }} <= timestamp '{{ last_row_at }}'{{ ' and (' ~ where ~ ')' if where }}
) as replayed
    on
        {%- for key in keys %}
        built.{{ warehouse_ml._quoted(key) }} is not distinct from replayed.{{ warehouse_ml._quoted(key) }}{{ ' and' if not loop.last }}
        {%- endfor %}
{%- endmacro %}
