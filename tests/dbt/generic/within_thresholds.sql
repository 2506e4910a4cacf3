{#- Every raw table is, in the last build, as good as its contract asks: rows at all, no more of them in quarantine than
    `max_bad_share`, altogether and by rule, and a score of `min_score`. It goes on the model data_quality, which all
    that reads accepted rows waits for: more bad rows stop training and scoring, and yesterday's tables stay.
    quarantine: the model of that name. -#}
{% test within_thresholds(model, quarantine) %}

with last_build as (

    select * from {{ model }}
    where measured_at = (select max(measured_at) from {{ model }})

),

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
    from last_build
    where input_rows = 0 and not may_be_empty
    union all
    select
        last_build.table_name,
        'at most ' || cast(round(last_build.max_bad_share * 100, 6) as varchar) || ' % of its rows in quarantine, but '
        || cast(last_build.quarantined_rows as varchar) || ' of ' || cast(last_build.input_rows as varchar)
        || ' are there, most for ' || max_by(broken_rules.rule, broken_rules.bad_rows)
        || ': see staging.quarantine, then correct the rows, or max_bad_share in its contract, and run again' as failure
    from last_build
    inner join broken_rules
        on last_build.table_name = broken_rules.table_name
    where last_build.quarantined_rows / cast(last_build.input_rows as double) > last_build.max_bad_share
    group by last_build.table_name, last_build.max_bad_share, last_build.quarantined_rows, last_build.input_rows
    union all
    select
        last_build.table_name,
        'at most ' || cast(round(broken_rules.max_bad_share * 100, 6) as varchar) || ' % of its rows break the rule '
        || broken_rules.rule || ' (' || broken_rules.reason || '), but ' || cast(broken_rules.bad_rows as varchar)
        || ' of ' || cast(last_build.input_rows as varchar)
        || ' do: see staging.quarantine, then correct the rows, or max_bad_share_by_rule in its contract, and run again'
            as failure
    from last_build
    inner join broken_rules
        on last_build.table_name = broken_rules.table_name
    where broken_rules.bad_rows / cast(last_build.input_rows as double) > broken_rules.max_bad_share
    union all
    select
        table_name,
        'a data quality score of at least ' || cast(min_score as varchar) || ', but it is '
        || cast(score as varchar) || ': see monitoring.data_quality, then correct the rows, or min_score in its contract, and run again' as failure
    from last_build
    where score < min_score

),

told as (

    select
        count(*) as failure_count,
        string_agg(
            'The raw table ' || table_name || ' must have ' || failure || '.', ' ' order by table_name asc, failure asc
        ) as message
    from failures

)

select message
from told
where failure_count > 0 and {{ warehouse_ml.raise_error('message') }}

{% endtest %}
