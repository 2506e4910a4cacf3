"""How the time of rolling aggregates grows with ten times the events, beside DuckDB's bare windows, in one run.

Five windows of four measures each over events of a year, 200 of each entity; printed are the seconds of each
size, the best of `RUNS`, and their ratio; then those of the same measures over DuckDB's windows as one writes them
by hand, which took turns. The aggregates of a sample are worked out again by a self-join.

Usage: [BENCHMARK=short] python benchmarks/rolling.py
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import duckdb
from compiled import compiled
from ratios import record, size

LARGE, RUNS = size(10_000_000, short=200_000), size(2, short=3)
SIZES, EVENTS_OF_ENTITY, MOST = (LARGE // 10, LARGE), 200, 12
LENGTHS = {"1h": "1 hour", "1d": "1 day", "7d": "7 day", "28d": "28 day", "90d": "90 day"}
MODEL = """{{ warehouse_ml.rolling_aggregate(
    relation=ref('events'),
    keys='k',
    at='known_at',
    measures={
        'events': {'count': '*'},
        'mean': {'mean': 'amount'},
        'highest': {'max': 'amount'},
        'spread': {'std': 'amount'},
    },
    windows=LENGTHS
) }}""".replace("LENGTHS", str(LENGTHS))
BARE = (
    "select *, "
    + ", ".join(
        f"count(*) over w_{name} as events_{name}, avg(amount) over w_{name} as mean_{name}, "
        f"max(amount) over w_{name} as highest_{name}, stddev_samp(amount) over w_{name} as spread_{name}"
        for name in LENGTHS
    )
    + " from features.events window "
    + ", ".join(
        f"w_{name} as (partition by k order by known_at range between interval {length} preceding "
        "and interval 1 microsecond preceding)"
        for name, length in LENGTHS.items()
    )
)
SELF_JOIN = """
select count(*), count(*) filter (
    where rolled.events_7d <> expected.events or abs(rolled.mean_7d - expected.mean) > 1e-9
    or rolled.highest_7d <> expected.highest or (rolled.mean_7d is null) <> (expected.mean is null)
)
from rolled
inner join (
    select chosen.n, count(seen.n) as events, avg(seen.amount) as mean, max(seen.amount) as highest
    from (from features.events where n % 5000 = 0) as chosen
    left join features.events as seen
        on
            chosen.k = seen.k and seen.known_at < chosen.known_at
            and seen.known_at >= chosen.known_at - interval '7' day
    group by chosen.n
) as expected using (n)
"""


def measure(query: str, events: int, folder: Path) -> tuple[list[float], list[float]]:
    """Return the seconds of our and of bare aggregates of so many events; raises where a self-join finds others."""
    with duckdb.connect(str(folder / f"{events}.duckdb")) as warehouse:
        warehouse.execute("set threads = 2; set memory_limit = '6GB'; set preserve_insertion_order = false")
        warehouse.execute("create schema features; select setseed(0.5)")
        warehouse.execute(
            f"create table features.events as select n, random() as amount, "
            f"(random() * {events // EVENTS_OF_ENTITY})::bigint as k, "
            "timestamp '2024-01-01' + to_seconds((random() * 31536000)::bigint) as known_at "
            f"from range({events}) as numbers (n)"
        )
        taken: dict[str, list[float]] = {"rolled": [], "bare": []}
        for _ in range(RUNS):
            for table, statement in (("rolled", query), ("bare", BARE)):
                started = time.perf_counter()
                warehouse.execute(f"create or replace table {table} as {statement}")
                taken[table].append(time.perf_counter() - started)
        ((rows, differing),) = warehouse.sql(SELF_JOIN).fetchall()
        if differing:
            raise SystemExit(
                f"{differing} of {rows} events have other aggregates by a self-join: mend it first."
            )
        return taken["rolled"], taken["bare"]


def main() -> None:
    """Measure and print."""
    query = compiled({"events": "select 1 as k", "rolled": MODEL})["rolled"]
    with tempfile.TemporaryDirectory() as name:
        taken = [measure(query, events, Path(name)) for events in SIZES]
    for events, (ours, bare) in zip(SIZES, taken, strict=True):
        print(f"5 windows x 4 measures, {events:,} events {min(ours):8.2f} seconds, bare {min(bare):8.2f}")
    (small, _), (large, bare) = taken
    print(f"ratio {min(large) / min(small):5.2f}   at most {MOST}")
    record("rolling aggregates, beside bare windows", large, "duckdb", bare)


if __name__ == "__main__":
    main()
