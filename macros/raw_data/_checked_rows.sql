{#- A query of all rows of a raw table, typed and numbered as they were loaded, with `breaks_<n>` for the nth rule of
    its contract that has SQL, `repeats_row` and `conflicts_key`.

    Keys are compared among the rows that keep all other rules: a broken twin takes no sound row with it. Of rows that
    are the same throughout the first is kept; rows of one key that differ are all refused, for nothing says which is
    true. Only rows of a repeated key are compared, so that the time is linear.

    table: name as raw_tables() gives it · relations: mapping of name to relation, of the table and all that it refers to. -#}
{% macro _checked_rows(table, relations) -%}
    {%- set contract = warehouse_ml._raw_contract(table) -%}
    {%- set rules = warehouse_ml._raw_rules(contract) | selectattr('breaks', 'defined') | list -%}
    {%- set key = warehouse_ml._quoted_columns(contract.key) -%}
    {%- set columns = warehouse_ml._quoted_columns(contract.columns) -%}
with numbered as (

    select
        {{ warehouse_ml._number_as_loaded(table) }} as raw_row_number
        {%- for column in contract.columns %}
        {%- set name = warehouse_ml._quoted(column) %}
        {%- if column in contract.casts %},
        {{ name }} as {{ warehouse_ml._quoted('original_' ~ column) }},
        {{ warehouse_ml._typed_value(name, contract.casts[column]) }} as {{ name }}
        {%- else %},
        {{ name }}
        {%- endif %}
        {%- endfor %}
    from {{ relations[table] }}

),

checked as (

    select
        checked_row.*
        {%- for rule in rules %},
        coalesce({{ rule.breaks }}, false) as breaks_{{ loop.index }}
        {%- endfor %}
    from numbered as checked_row
    {%- for column, to in contract.references.items() %}
    left join (
        {%- for referred in ([to] if to is string else to) %}
        {%- set names = referred.rsplit('.', 1) %}
        {{ 'union' if not loop.first }}
        select {{ warehouse_ml._quoted(names[1]) }} as raw_value
        from {{ warehouse_ml._accepted_rows(names[0], relations) | indent(8) }} as referred_row
        {%- if loop.length == 1 %}
        group by 1
        {%- endif %}
        {%- endfor %}
    ) as referred_{{ loop.index }}
        on checked_row.{{ warehouse_ml._quoted(column) }} = referred_{{ loop.index }}.raw_value
    {%- endfor %}

)
{%- if key %},

kept as (

    select * from checked
    where not ({% for rule in rules %}breaks_{{ loop.index }}{{ ' or ' if not loop.last }}{% endfor %})

),

repeated as (

    select {{ key | join(', ') }}
    from kept
    group by {{ key | join(', ') }}
    having count(*) > 1

),

compared as (

    select
        raw_row_number,
        row_number() over (partition by {{ columns | join(', ') }} order by raw_row_number asc) > 1 as repeats_row,
        count(*) over (partition by {{ key | join(', ') }})
        > count(*) over (partition by {{ columns | join(', ') }}) as conflicts_key
    from kept
    inner join repeated using ({{ key | join(', ') }})

)

select
    checked.*,
    coalesce(compared.repeats_row, false) as repeats_row,
    coalesce(compared.conflicts_key, false) as conflicts_key
from checked
left join compared
    on checked.raw_row_number = compared.raw_row_number
{%- else %}

select
    checked.*,
    false as repeats_row,
    false as conflicts_key
from checked
{%- endif %}
{%- endmacro %}
