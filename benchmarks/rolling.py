"""How the time of rolling aggregates grows from one million events to ten, in one run.

Five windows of four measures each over events of a year, 200 of each entity; printed are the seconds of each
size, the best of `RUNS`, and their ratio. The aggregates of a sample are worked out again by a self-join.

Usage: python benchmarks/rolling.py
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import duckdb
from compiled import compiled

SIZES, EVENTS_OF_ENTITY, RUNS, MOST = (1_000_000, 10_000_000), 200, 2, 12
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
    windows={'1h': '1 hour', '1d': '1 day', '7d': '7 day', '28d': '28 day', '90d': '90 day'}
) }}"""
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


def measure(query: str, size: int, folder: Path) -> float:
    """Return the seconds of the aggregates of so many events; raises where a self-join finds others."""
    with duckdb.connect(str(folder / f"{size}.duckdb")) as warehouse:
        warehouse.execute("set threads = 2; set memory_limit = '6GB'; set preserve_insertion_order = false")
        warehouse.execute("create schema features; select setseed(0.5)")
        warehouse.execute(
            f"create table features.events as select n, random() as amount, "
            f"(random() * {size // EVENTS_OF_ENTITY})::bigint as k, "
            "timestamp '2024-01-01' + to_seconds((random() * 31536000)::bigint) as known_at "
            f"from range({size}) as numbers (n)"
        )
        taken = []
        for _ in range(RUNS):
            started = time.perf_counter()
            warehouse.execute(f"create or replace table rolled as {query}")
            taken.append(time.perf_counter() - started)
        ((rows, differing),) = warehouse.sql(SELF_JOIN).fetchall()
        if differing:
            raise SystemExit(
                f"{differing} of {rows} events have other aggregates by a self-join: mend it first."
            )
        return min(taken)


def main() -> None:
    """Measure and print."""
    query = compiled({"events": "select 1 as k", "rolled": MODEL})["rolled"]
    with tempfile.TemporaryDirectory() as name:
        small, large = (measure(query, size, Path(name)) for size in SIZES)
    print(f"5 windows x 4 measures, {SIZES[0]:,} events {small:8.2f} seconds")
    print(f"5 windows x 4 measures, {SIZES[1]:,} events {large:8.2f} seconds")
    print(f"ratio {large / small:5.2f}   at most {MOST}")


if __name__ == "__main__":
    main()
