"""The point-in-time join against DuckDB's bare as-of join, pandas and Feast, side by side in one run.

A spine of `SPINE` rows takes `FEATURES` features from a view of `ROWS` rows, which become known an hour after
they happened; the answers are compared row for row. Each joins `RUNS` times in turn; printed are medians of
the seconds and of the ratios. pandas sorts and joins frames in memory; Feast runs once, with its DuckDB store
on a Parquet file, by the interpreter that FEAST_PYTHON names (`pip install "feast[duckdb]"` in an environment
of its own). The same join is measured where one row of twenty comes late, so that the bare join is wrong, and
where no test says that the view's rows are unique. Last come the peak memory of twice the rows with two
views, and that of `LARGE` rows that join `LARGE` rows of nine views of four features, both from a file.

An entity has 365 rows, a reading a day for a year, unless told otherwise: Feast's time grows with that
number, the others' does not.

Usage: [BENCHMARK=short] FEAST_PYTHON=/path/to/python python benchmarks/point_in_time.py [rows of an entity]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import duckdb
import pandas as pd
from compiled import compiled
from ratios import FORM, record, size

SPINE, ROWS = size(500_000, short=100_000), size(5_000_000, short=1_000_000)
FEATURES, RUNS = 10, size(5, short=7)
HISTORY = int(sys.argv[1]) if len(sys.argv) > 1 else 365
MOST = {"bare": 1.5, "pandas": 1 / 1.5, "feast": 1 / 50}
LARGE = 10_000_000

CLOCKS = ("event_at", "known_at")
NAMES = ("readings", "late_readings", "untested_readings")
FEW, VIEWS_AT_ONCE = 4, 9
JOIN = "{{{{ warehouse_ml.point_in_time_join(ref('spine'), 'predicted_at', [{views}]) }}}}"
TWO = "ref('readings'), {'view': ref('late_readings'), 'prefix': 'late_'}"
NINE = ", ".join(f"{{'view': ref('few_readings'), 'prefix': 'v{n}_'}}" for n in range(VIEWS_AT_ONCE))
MODELS = {
    **dict.fromkeys(("spine", *NAMES, "few_readings"), "select 1 as k"),
    **{f"join_{name}": JOIN.format(views=f"ref('{name}')") for name in NAMES},
    "join_two": JOIN.format(views=TWO),
    "join_nine": JOIN.format(views=NINE),
}
COLUMNS = [
    {"name": name, "description": "Drawn at random.", "config": {"meta": {"nulls": "never"}}}
    for name in ("k", *CLOCKS, *(f"f{n}" for n in range(FEATURES)))
]
UNIQUE = {"warehouse_ml.unique_combination": {"arguments": {"columns": ["k", *CLOCKS]}}}
VIEWS = [
    {
        "name": name,
        "config": {"meta": {"feature_view": {"entity": "k", "keys": ["k"], "owner": "bench"}}},
        "columns": COLUMNS[: -FEATURES + FEW] if name == "few_readings" else COLUMNS,
        "data_tests": [] if name == "untested_readings" else [UNIQUE],
    }
    for name in (*NAMES, "few_readings")
]
BARE = (
    "select spine.*, readings.* exclude (k, event_at, known_at) from features.spine "
    "asof left join features.readings on spine.k = readings.k and spine.predicted_at >= readings.known_at"
)
FEAST = """
import sys, time
import feast
import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.infra.offline_stores.duckdb import DuckDBOfflineStoreConfig
from feast.types import Float64
folder, features = sys.argv[1], int(sys.argv[2])
store = FeatureStore(config=RepoConfig(
    project="bench", provider="local", registry=folder + "/registry.db", online_store=None,
    offline_store=DuckDBOfflineStoreConfig(), entity_key_serialization_version=3))
entity = Entity(name="k", join_keys=["k"], value_type=ValueType.INT64)
view = FeatureView(
    name="readings", entities=[entity], online=False,
    source=FileSource(path=folder + "/readings.parquet", timestamp_field="known_at"),
    schema=[Field(name=f"f{n}", dtype=Float64) for n in range(features)])
store.apply([entity, view])
spine = pd.read_parquet(folder + "/spine.parquet").rename(columns={"predicted_at": "event_timestamp"})
spine["event_timestamp"] = spine["event_timestamp"].dt.tz_localize("UTC")
started = time.perf_counter()
joined = store.get_historical_features(spine, [f"readings:f{n}" for n in range(features)]).to_df()
print(time.perf_counter() - started)
print(feast.__version__)
joined.rename(columns={"event_timestamp": "predicted_at"}).to_parquet(folder + "/feast.parquet")
"""
PEAK = """
import resource, sys
import duckdb
warehouse = duckdb.connect(sys.argv[1])
warehouse.execute(f"set threads = 2; set memory_limit = '{sys.argv[2]}'; set preserve_insertion_order = false")
warehouse.execute("create table joined as " + sys.stdin.read())
rows, = warehouse.sql("select count(*) from joined").fetchone()
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def fill(warehouse: duckdb.DuckDBPyConnection, spine: int = SPINE, rows: int = ROWS) -> None:
    """Write the spine and the views; no two rows of an entity share an instant."""
    features = ", ".join(f"random() as f{n}" for n in range(FEATURES))
    entities = rows // HISTORY
    step = 31_536_000 * entities // rows
    warehouse.execute("create schema features; select setseed(0.5)")
    warehouse.execute(
        "create table features.readings as with drawn as materialized ("
        f"select n % {entities} as k, {features}, timestamp '2024-01-01' "
        f"+ to_seconds((n // {entities} * {step} + hash(n) % {step})::bigint) as event_at "
        f"from range({rows}) as numbers (n) order by hash(n)) "
        "select *, event_at + interval 1 hour as known_at from drawn"
    )
    warehouse.execute(
        "create table features.late_readings as select * replace (case when random() < 0.05 "
        "then known_at + to_seconds((random() * 864000)::bigint) else known_at end as known_at) "
        "from features.readings"
    )
    warehouse.execute("create view features.untested_readings as from features.readings")
    few = ", ".join(column["name"] for column in COLUMNS[: -FEATURES + FEW])
    warehouse.execute(f"create view features.few_readings as select {few} from features.readings")
    warehouse.execute(
        f"create table features.spine as select n as row_id, "
        f"(random() * {entities - 1})::bigint as k, "
        "timestamp '2024-01-01' + to_seconds((random() * 31536000)::bigint) as predicted_at "
        f"from range({spine}) as numbers (n)"
    )


def seconds(warehouse: duckdb.DuckDBPyConnection, table: str, query: str) -> float:
    """Return the seconds in which a query is written to a table."""
    started = time.perf_counter()
    warehouse.execute(f"create or replace temp table {table} as {query}")
    return time.perf_counter() - started


def by_pandas(spine: pd.DataFrame, readings: pd.DataFrame) -> tuple[float, pd.DataFrame]:
    """Return the seconds that pandas takes, and what it finds."""
    started = time.perf_counter()
    joined = pd.merge_asof(
        spine.sort_values("predicted_at"),
        readings.sort_values("known_at"),
        left_on="predicted_at",
        right_on="known_at",
        by="k",
    )
    return time.perf_counter() - started, joined


def by_feast(warehouse: duckdb.DuckDBPyConnection, python: str, folder: Path) -> tuple[float, str]:
    """Return the seconds that Feast takes, and its version; what it finds is the view ``feast``."""
    warehouse.execute(f"copy features.spine to '{folder}/spine.parquet'")
    warehouse.execute(f"copy (from features.readings) to '{folder}/readings.parquet'")
    done = subprocess.run(
        [python, "-W", "ignore", "-c", FEAST, folder, str(FEATURES)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    warehouse.execute(
        "create temp view feast as select * replace (timezone('UTC', predicted_at) as predicted_at) "
        f"from '{folder}/feast.parquet'"
    )
    spent, version = done.stdout.split()[-2:]
    return float(spent), version


def different_rows(warehouse: duckdb.DuckDBPyConnection, other: str) -> int:
    """Return how many rows of the bare join another join found otherwise, or not at all."""
    columns = ", ".join(["row_id", "k", "predicted_at", *(f"f{n}" for n in range(FEATURES))])
    return warehouse.sql(
        f"select count(*) from ((select {columns} from bare except all select {columns} from {other}) "
        f"union all (select {columns} from {other} except all select {columns} from bare))"
    ).fetchall()[0][0]


def compare(sql: dict[str, str], folder: Path) -> None:
    """Measure the joins in turn and print seconds, ratios and differences."""
    warehouse = duckdb.connect()
    warehouse.execute("set threads = 2")
    fill(warehouse)
    frames = [warehouse.table(f"features.{name}").df() for name in ("spine", "readings")]
    frames[1] = frames[1].drop(columns="event_at")
    taken: dict[str, list[float]] = {name: [] for name in ("bare", "pandas", *NAMES)}
    for _ in range(RUNS):
        taken["bare"].append(seconds(warehouse, "bare", BARE))
        for name in NAMES:
            taken[name].append(seconds(warehouse, name, sql[f"join_{name}"]))
        spent, by_merge = by_pandas(*frames)
        taken["pandas"].append(spent)
    warehouse.register("pandas", by_merge)
    if python := os.environ.get("FEAST_PYTHON"):
        spent, version = by_feast(warehouse, python, folder)
        taken["feast"] = [spent] * RUNS
        record(
            "point-in-time join",
            taken["readings"],
            "feast",
            taken["feast"],
            at_most=MOST["feast"],
            version=version,
        )
    else:
        print("Feast is left out: FEAST_PYTHON names no interpreter that has it.")
    record("point-in-time join", taken["readings"], "duckdb", taken["bare"], at_most=MOST["bare"])
    record("point-in-time join", taken["readings"], "pandas", taken["pandas"], at_most=MOST["pandas"])
    record("point-in-time join, late rows", taken["late_readings"], "duckdb", taken["bare"])
    record("point-in-time join, no test of uniqueness", taken["untested_readings"], "duckdb", taken["bare"])
    print(
        f"{f'{SPINE:,} x {ROWS:,} x {FEATURES}':35}{'seconds':>9}{'ours / it':>11}{'at most':>9}{'differ':>8}"
    )
    for name, measured in taken.items():
        ratio = median(ours / its for ours, its in zip(taken["readings"], measured, strict=True))
        if name in MOST:
            differing = different_rows(warehouse, "readings" if name == "bare" else name)
            print(f"{name:35}{median(measured):9.2f}{ratio:11.3f}{MOST[name]:9.3f}{differing:8}")
    for name in NAMES:
        ratio = median(ours / bare for ours, bare in zip(taken[name], taken["bare"], strict=True))
        rows = warehouse.sql(f"select count(*) from {name}").fetchall()[0][0]
        print(f"ours, {name:29}{median(taken[name]):9.2f}{ratio:8.2f} x bare, {rows:,} rows")


def measure_memory(query: str, views: int, spine: int, rows: int, limit: str, most: int) -> None:
    """Print time and peak memory of a join from a file, where DuckDB may take `limit` and `most` GB are promised."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "warehouse.duckdb"
        with duckdb.connect(str(file)) as warehouse:
            warehouse.execute(f"set threads = 2; set memory_limit = '{limit}'")
            fill(warehouse, spine, rows)
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", PEAK, file, limit], input=query, capture_output=True, text=True, check=True
        )
    joined, kilobytes = done.stdout.split()[-2:]  # DuckDB may show its progress before
    print(
        f"{spine:,} x {rows:,} x {views} views: {int(joined):,} rows, {time.perf_counter() - started:.0f} s, "
        f"{int(kilobytes) / 1024**2:.2f} GB at the peak, at most {most}"
    )


def main() -> None:
    """Measure and print."""
    sql = compiled(MODELS, VIEWS)
    with tempfile.TemporaryDirectory() as name:
        compare(sql, Path(name))
        if FORM == "full":
            measure_memory(sql["join_two"], 2, 2 * SPINE, 2 * ROWS, "3GB", 6)
            measure_memory(sql["join_nine"], VIEWS_AT_ONCE, LARGE, LARGE, "6GB", 8)


if __name__ == "__main__":
    main()
