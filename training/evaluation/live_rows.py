"""What the monitors of a model measured of its versions beside the champion, on the same rows."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from scoring.monitor_schema import MONITOR_SCHEMA
from scoring.warehouse import Relation, Warehouse
from training.sql import text

LIVE_SCHEMA = pa.schema(
    {
        "version": pa.int32(),
        "metric": pa.string(),
        "model_value": pa.float64(),
        "champion_value": pa.float64(),
        "row_count": pa.float64(),
    }
)
"""One row per version and metric: the values of the version and of the champion, and the version's rows with a label."""

COMPARED = """
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
        challengers.version,
        challengers.metric,
        challengers.labelled_rows,
        case challengers.metric when 'rmse' then 2 else 1 end as power,
        case when isfinite(challengers.value) then challengers.value end as value,
        case when isfinite(champions.value) then champions.value end as champion_value
    from measured as challengers
    inner join measured as champions
        on
            challengers.monitor = champions.monitor
            and challengers.period = champions.period
            and challengers.period_start = champions.period_start
            and challengers.metric = champions.metric
    where champions.version = {champion} and challengers.version <> {champion}

),

-- Of periods, each counts by its rows; errors that are the root of a mean are squared before. A period in which the champion
-- has no value says nothing about it.
final as (

    select
        version,
        metric,
        power(sum(labelled_rows * power(value, power)) / sum(labelled_rows), 1 / any_value(power)) as model_value,
        power(sum(labelled_rows * power(champion_value, power)) / sum(labelled_rows), 1 / any_value(power)) as champion_value,
        sum(labelled_rows) as row_count
    from pairs
    where value is not null
    group by version, metric, champion_value is null
    qualify row_number() over (partition by version, metric order by champion_value is null) = 1

)

select
    version,
    metric,
    case when coalesce(scores, 0) = 0 then model_value end as model_value,
    champion_value,
    row_count
from final
left join non_finite using (version)
"""


def measured(
    warehouse: Warehouse, versions: Relation, monitors: Sequence[Relation], champion: int | None
) -> pa.Table:
    """Return what was measured of each version in the periods in which the champion was measured too.

    Only periods that begin after the training rows of both count. A version that gave a score that is not finite has
    no value.

    Parameters
    ----------
    versions
        The table of the model's versions.
    monitors
        The tables of its monitors, which need not be there yet.
    champion
        The version that scores; None if there is none.

    Returns
    -------
    pyarrow.Table
        Rows of `LIVE_SCHEMA`.
    """
    tables = [table for table in monitors if {*MONITOR_SCHEMA.names} <= {*warehouse.columns(table)}]
    if champion is None or not tables:
        return LIVE_SCHEMA.empty_table()
    columns = "model_name, version, period, period_start, slice_column, labelled_rows, metrics, measured_at"
    parts = [f"select {text(str(table))} as monitor, {columns} from {table.sql}" for table in tables]
    query = COMPARED.format(
        monitors=" union all ".join(parts),
        versions=versions.sql,
        model=text(versions.name),
        champion=int(champion),
    )
    return warehouse.arrow(query).cast(LIVE_SCHEMA)
