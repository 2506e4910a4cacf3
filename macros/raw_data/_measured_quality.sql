{#- A query of one row: how good a raw table is, by its contract and by what of it is in quarantine now.
    table: name as raw_tables() gives it · relations: mapping of name to relation, of the table and all that it refers to. -#}
{% macro _measured_quality(table, relations) -%}
    {%- set contract = warehouse_ml._raw_contract(table) -%}
    {%- set rejects = warehouse_ml._rejected_lines(table, relations[table]) -%}
    {%- set dimensions = {'completeness': 'incomplete_rows', 'accuracy': 'inaccurate_rows', 'validity': 'invalid_rows'} -%}
with counted as (

    select
        count(*)
        {%- if rejects %}
        + (select count(distinct line_number) from {{ rejects }})
        {%- endif %} as input_rows,
        count(*) filter (where not {{ warehouse_ml._breaks_a_rule(table) }}) as accepted_rows
    from (
        {{ warehouse_ml._checked_rows(table, relations) | indent(8) }}
    ) as checked_rows

),

quarantined as (

    select
        count(distinct row_id) as quarantined_rows
        {%- for dimension, rows in dimensions.items() %},
        count(distinct row_id) filter (where dimension = '{{ dimension }}') as {{ rows }}
        {%- endfor %}
    from {{ warehouse_ml._kept_relation('quarantine') }}
    where table_name = {{ warehouse_ml._text(table) }}

),

measured as (

    select
        counted.*,
        quarantined.quarantined_rows
        {%- for dimension, rows in dimensions.items() %},
        1 - quarantined.{{ rows }} / nullif(cast(counted.input_rows as double), 0) as {{ dimension }}
        {%- endfor %}
    from counted
    cross join quarantined

)

select
    *,
    (
        {%- for dimension in dimensions %}{{ contract.weights[dimension] }} * {{ dimension }}{{ ' + ' if not loop.last }}{% endfor -%}
    ) / {{ contract.weights.values() | sum }} as score,
    '{{ invocation_id }}' as build_id,
    {{ warehouse_ml._text(table) }} as table_name,
    cast({{ contract.max_bad_share }} as double) as max_bad_share,
    cast({{ contract.min_score }} as double) as min_score,
    {{ contract.may_be_empty or false }} as may_be_empty,
    {{ warehouse_ml.utc_now() }} as measured_at
from measured
{%- endmacro %}
