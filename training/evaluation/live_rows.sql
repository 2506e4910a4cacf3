-- What the monitors of a model measured of its versions in the periods in which the champion was measured too, one row per
-- version and metric. Braces stand for what the caller puts there: the monitors' rows, the table of versions, the model's
-- name and the champion's version.
with measured as (

    select
        monitor,
        version,
        period,
        period_start,
        labelled_rows,
        unnest(metrics, recursive := true)
    from ({monitors}) as monitors
    inner join (
        select
            version,
            created_at,
            case when time_column is not null then training_snapshot.cutoff end as trained_until
        from {versions}
    ) as versions using (version)
    -- A version number may be given anew once the table of versions was dropped.
    where
        lower(model_name) = lower({model})
        and slice_column is null
        and labelled_rows > 0
        and measured_at >= created_at
        and coalesce(period_start > trained_until, true)

),

non_finite as (

    select
        version,
        sum(value) as scores
    from measured
    where metric = 'non_finite_scores'
    group by version

),

pairs as (

    select
        challengers.monitor,
        challengers.period,
        challengers.version,
        challengers.metric,
        challengers.labelled_rows,
        case challengers.metric when 'rmse' then 2 else 1 end as exponent,
        case when isfinite(challengers.value) then challengers.value end as value,
        case when isfinite(champions.value) then champions.value end as champion_value,
        coalesce(non_finite.scores, 0) > 0 as is_broken
    from measured as challengers
    inner join measured as champions
        on
            challengers.monitor = champions.monitor
            and challengers.period = champions.period
            and challengers.period_start = champions.period_start
            and challengers.metric = champions.metric
    left join non_finite
        on challengers.version = non_finite.version
    where champions.version = {champion} and challengers.version <> {champion}

),

-- Periods count by their rows; errors that are the root of a mean are squared before. A period in which the champion has
-- no value says nothing about it. Of several monitors, and of one whose periods had another length before, that counts which
-- saw most rows: the same rows are not counted twice.
final as (

    select
        version,
        metric,
        power(sum(labelled_rows * power(value, exponent)) / sum(labelled_rows), 1 / any_value(exponent)) as model_value,
        power(
            sum(labelled_rows * power(champion_value, exponent)) / sum(labelled_rows), 1 / any_value(exponent)
        ) as champion_value,
        sum(labelled_rows) as row_count,
        bool_or(is_broken) as is_broken
    from pairs
    where value is not null or is_broken
    group by version, metric, monitor, period, champion_value is null
    qualify row_number() over (
        partition by version, metric order by champion_value is null, sum(labelled_rows) desc, monitor, period
    ) = 1

)

select
    version,
    metric,
    case when not is_broken then model_value end as model_value,
    champion_value,
    row_count
from final
