{#- A query of the rows of a raw table that break its contract: one row per broken rule of each. A line of a CSV file
    that could not be read is known by its number in the file, a row by its number among those that were read.
    table: name as raw_tables() gives it · relations: mapping of name to relation, of the table and all that it refers to. -#}
{% macro _quarantined_rows(table, relations) -%}
    {%- set contract = warehouse_ml._raw_contract(table) -%}
    {%- set rules = warehouse_ml._raw_rules(contract) -%}
    {%- set rejects = warehouse_ml._rejected_lines(table, relations[table]) -%}
    {%- set values = {} -%}
    {%- for column in contract.columns -%}
        {%- do values.update({
            column: 'broken.' ~ warehouse_ml._quoted('original_' ~ column if column in contract.casts else column)
        }) -%}
    {%- endfor -%}
with checked as (

    {{ warehouse_ml._checked_rows(table, relations) | indent(4) }}

),

broken as (

    select * from checked
    where {{ warehouse_ml._breaks_a_rule(table) }}

),

rules as (

    select *
    from (
        values
        {%- for rule in rules %}
        (
            {{ warehouse_ml._text(rule.name) }},
            '{{ rule.dimension }}',
            {{ warehouse_ml._text(rule.reason) }},
            cast({{ contract.max_bad_share_by_rule.get(rule.name, 'null') }} as double)
        )
        {{- ',' if not loop.last }}
        {%- endfor %}
    ) as listed (rule, dimension, reason, max_bad_share)

)

select
    {{ warehouse_ml._text(table) }} as table_name,
    concat('row ', broken.raw_row_number) as row_id,
    {{ warehouse_ml._row_as_json(values) }} as raw_row,
    rules.rule,
    rules.dimension,
    rules.reason,
    rules.max_bad_share
from broken
inner join rules
    on
        case rules.rule
            {%- for rule in rules | selectattr('breaks', 'defined') %}
            when {{ warehouse_ml._text(rule.name) }} then broken.breaks_{{ loop.index }}
            {%- endfor %}
            when 'repeated_row' then broken.repeats_row
            when 'conflicting_key' then broken.conflicts_key
            else false
        end
{%- if rejects %}
union all
select distinct
    {{ warehouse_ml._text(table) }} as table_name,
    concat('line ', rejected.line_number) as row_id,
    rejected.raw_line as raw_row,
    rules.rule,
    rules.dimension,
    rules.reason,
    rules.max_bad_share
from {{ rejects }} as rejected
inner join rules
    on rejected.rule = rules.rule
{%- endif %}
{%- endmacro %}
