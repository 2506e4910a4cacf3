{#- The CTE `threshold_failures` and those before it, without `with`: one row, whose `message` says in what raw tables are worse than
    their contracts allow, or is null: no rows at all, more of them in quarantine than `max_bad_share`, altogether and by rule,
    or a score below `min_score`.
    last_build, quarantine: relations or CTEs with the rows of data_quality and of quarantine. -#}
{% macro _threshold_failures(last_build, quarantine) -%}
{%- set text = warehouse_ml._sql_type('varchar') -%}
broken_rules as (

    select
        table_name,
        rule,
        reason,
        max_bad_share,
        count(*) as bad_rows
    from {{ quarantine }}
    group by all

),

failures as (

    select
        table_name,
        'rows, but it has none: restore its file or source and run again' as failure
    from {{ last_build }} as measured
    where input_rows = 0 and not may_be_empty
    union all
    select
        measured.table_name,
        'at most ' || cast(round(measured.max_bad_share * 100, 6) as {{ text }}) || ' % of its rows in quarantine, but '
        || cast(measured.quarantined_rows as {{ text }}) || ' of ' || cast(measured.input_rows as {{ text }})
        || ' are there, most for ' || max_by(broken_rules.rule, broken_rules.bad_rows)
        || ': see {{ warehouse_ml._kept_name('quarantine') }}, then correct the rows, or max_bad_share in its contract, and run again' as failure
    from {{ last_build }} as measured
    inner join broken_rules
        on measured.table_name = broken_rules.table_name
    where measured.quarantined_rows / nullif(cast(measured.input_rows as double), 0) > measured.max_bad_share
    group by measured.table_name, measured.max_bad_share, measured.quarantined_rows, measured.input_rows
    union all
    select
        measured.table_name,
        'at most ' || cast(round(broken_rules.max_bad_share * 100, 6) as {{ text }}) || ' % of its rows break the rule '
        || broken_rules.rule || ' (' || broken_rules.reason || '), but ' || cast(broken_rules.bad_rows as {{ text }})
        || ' of ' || cast(measured.input_rows as {{ text }})
        || ' do: see {{ warehouse_ml._kept_name('quarantine') }}, then correct the rows, or max_bad_share_by_rule in its contract, and run again'
            as failure
    from {{ last_build }} as measured
    inner join broken_rules
        on measured.table_name = broken_rules.table_name
    where broken_rules.bad_rows / nullif(cast(measured.input_rows as double), 0) > broken_rules.max_bad_share
    union all
    select
        table_name,
        'a data quality score of at least ' || cast(min_score as {{ text }}) || ', but it is '
        || cast(score as {{ text }}) || ': see {{ warehouse_ml._kept_name('data_quality') }}, then correct the rows, or min_score in its contract, and run again' as failure
    from {{ last_build }} as measured
    where score < min_score

),

threshold_failures as (

    select
        {{ warehouse_ml._texts_in_order("'The raw table ' || table_name || ' must have ' || failure || '.'") }} as message
    from failures

)
{%- endmacro %}
