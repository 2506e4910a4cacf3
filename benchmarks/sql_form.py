"""The SQL form of a model beside `ml_predict`, on the same rows: planning alone, and the whole query.

A LightGBM model of `TREES` trees x `LEAVES` leaves is trained on numbers. `RUNS` times in turn, DuckDB runs a
query of the form over no rows, runs it over `ROWS` rows, and runs the same query with `ml_predict`, on all
cores. Prints the medians, and the largest difference of the scores.

Usage: [BENCHMARK=short] python benchmarks/sql_form.py
"""

from __future__ import annotations

import time
from statistics import median

from ratios import record, size

import scoring
from scoring.sql_forms import expressions
from training import train

ROWS, TREES, RUNS = size(200_000, short=50_000), 100, 11
LEAVES, FEATURES, TRAINING_ROWS = 31, 20, 20_000
DRAWN = (
    f"select id, {', '.join(f'random() as x{n}' for n in range(FEATURES))} from range({{rows}}) as rows (id)"
)
CONFIG = {
    "task": "binary",
    "label": "label",
    "key": "id",
    "split": {"method": "random", "test": 0.1},
    "params": {"num_iterations": TREES, "num_leaves": LEAVES, "learning_rate": 0.05},
}
SCORED = "create or replace table {name} as select id, {call} as p from {rows} as rows"
WAYS = {
    "planned": SCORED.format(name="of_none", call="bench_sql(rows)", rows="no_rows"),
    "SQL form": SCORED.format(name="by_sql", call="bench_sql(rows)", rows="rows"),
    "ml_predict": SCORED.format(name="by_function", call="ml_predict('bench@1', rows)", rows="rows"),
}


def main() -> None:
    """Measure, print and record."""
    with scoring.connect(":memory:") as warehouse:
        warehouse.execute("create schema ml; select setseed(0.5)")
        warehouse.execute(f"create table rows as {DRAWN.format(rows=ROWS)}")
        warehouse.execute("create table no_rows as from rows limit 0")
        drawn = DRAWN.format(rows=TRAINING_ROWS)
        rows = warehouse.sql(
            f"select *, random() < 0.5 * (sin(6 * x0) * x1 + x2 * x3 + 0.5) as label from ({drawn})"
        )
        version = train(rows, model_name="bench", config=CONFIG)
        (form,) = version.column("sql_form").to_pylist()
        warehouse.register("version", version)
        warehouse.execute("create table ml.bench as from version")
        warehouse.execute(f"create macro bench_sql(r) as {expressions('bench', form)['bench_sql']}")
        seconds: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(RUNS):
            for way, statement in WAYS.items():
                started = time.perf_counter()
                warehouse.execute(statement).fetchall()
                seconds[way].append(time.perf_counter() - started)
        ((difference,),) = warehouse.sql(
            "select max(abs(one.p - other.p)) from by_sql as one inner join by_function as other using (id)"
        ).fetchall()
    print(f"{ROWS:,} rows, {TREES} trees x {LEAVES} leaves, {len(form['raw_score']):,} characters")
    for way, spent in seconds.items():
        print(f"  {way:12}{median(spent):8.3f} s")
    print(f"  largest difference {difference:.1e}")
    record("SQL form planned, beside ml_predict", seconds["planned"], "onnxruntime", seconds["ml_predict"])
    record("SQL form run, beside ml_predict", seconds["SQL form"], "onnxruntime", seconds["ml_predict"])


if __name__ == "__main__":
    main()
