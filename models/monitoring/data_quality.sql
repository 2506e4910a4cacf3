{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

-- How good each raw table is in each build; nothing is replaced, so that a table's quality can be followed.
{%- set tables = raw_tables() %}
with counted as (

    {%- for table in tables %}
    {%- set rejects = rejected_lines(table) if execute %}
    {%- set contract = raw_contract(table) %}
    select
        '{{ table }}' as table_name,
        (select count(*) from {{ raw_relation(table) }})
        {%- if rejects %}
        + (select count(distinct line_number) from {{ rejects }})
        {%- endif %} as input_rows,
        (select count(*) from {{ accepted_rows(table) | indent(8) }} as accepted) as accepted_rows,
        {%- for dimension in ('completeness', 'accuracy', 'validity') %}
        cast({{ contract.weights[dimension] }} as double) as {{ dimension }}_weight,
        {%- endfor %}
        cast({{ contract.max_bad_share }} as double) as max_bad_share,
        cast({{ contract.min_score }} as double) as min_score,
        {{ contract.may_be_empty or false }} as may_be_empty
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as varchar) as table_name,
        cast(null as bigint) as input_rows,
        cast(null as bigint) as accepted_rows,
        cast(null as double) as completeness_weight,
        cast(null as double) as accuracy_weight,
        cast(null as double) as validity_weight,
        cast(null as double) as max_bad_share,
        cast(null as double) as min_score,
        cast(null as boolean) as may_be_empty
    where false
    {%- endfor %}

),

quarantined as (

    select
        table_name,
        count(distinct row_id) as quarantined_rows,
        count(distinct row_id) filter (where dimension = 'completeness') as incomplete_rows,
        count(distinct row_id) filter (where dimension = 'accuracy') as inaccurate_rows,
        count(distinct row_id) filter (where dimension = 'validity') as invalid_rows
    from {{ ref('quarantine') }}
    group by 1

),

measured as (

    select
        counted.*,
        coalesce(quarantined.quarantined_rows, 0) as quarantined_rows,
        1 - coalesce(quarantined.incomplete_rows, 0) / nullif(cast(counted.input_rows as double), 0) as completeness,
        1 - coalesce(quarantined.inaccurate_rows, 0) / nullif(cast(counted.input_rows as double), 0) as accuracy,
        1 - coalesce(quarantined.invalid_rows, 0) / nullif(cast(counted.input_rows as double), 0) as validity
    from counted
    left join quarantined
        on counted.table_name = quarantined.table_name

),

scored as (

    select
        '{{ invocation_id }}' as build_id,
        table_name,
        input_rows,
        accepted_rows,
        quarantined_rows,
        completeness,
        accuracy,
        validity,
        (completeness_weight * completeness + accuracy_weight * accuracy + validity_weight * validity)
        / (completeness_weight + accuracy_weight + validity_weight) as score,
        max_bad_share,
        min_score,
        may_be_empty,
        {{ utc_now() }} as measured_at
    from measured

)

select * from scored
