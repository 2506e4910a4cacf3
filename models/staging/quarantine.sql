-- A raw row that breaks its table's contract stays here and goes no further.
{%- set tables = raw_tables() %}
{%- do check_raw_contracts() if execute %}
with broken as (

    {%- for table in tables %}
    {%- if execute %}
    (
        {{ quarantined_rows(table) | indent(8) }}
    )
    {%- else %}
    select * from {{ raw_relation(table) }}
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as varchar) as table_name,
        cast(null as varchar) as row_id,
        cast(null as varchar) as raw_row,
        cast(null as varchar) as rule,
        cast(null as varchar) as dimension,
        cast(null as varchar) as reason,
        cast(null as double) as max_bad_share
    where false
    {%- endfor %}

),

dated as (

    select
        *,
        '{{ invocation_id }}' as build_id,
        {{ utc_now() }} as quarantined_at
    from broken

)

select * from dated
