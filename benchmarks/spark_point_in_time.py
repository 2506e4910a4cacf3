"""The point-in-time join on Spark beside other ways to write it in Spark SQL, on two cores with a heap of 3 GB.

A spine takes 10 features from a view; one row of twenty of the view becomes known up to ten days late. `ours` is the
query of point_in_time_join. `running` is the least that can be done in its form: rows of the view among those of the
spine, and `last_value` of what became known last, which is wrong where rows come late. `joined` joins every row of the
view that counts and keeps the best of each spine row, as plain Spark SQL is written; its work grows with the square of
an entity's history. `lateral` is a lateral join with `limit 1`. Each query runs once, its rows go nowhere, and the peak
memory is that of Spark's process. All but `running` must give the same rows.

Usage: python benchmarks/spark_point_in_time.py [rows of the spine] [rows of the view] [forms, joined by commas]
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from compiled import compiled

from scoring.spark.session import Options, session, stop

SPINE = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
ROWS = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000_000
FORMS = sys.argv[3].split(",") if len(sys.argv) > 3 else ["ours", "running", "joined"]
FEATURES, HISTORY = 10, 365
ENTITIES = ROWS // HISTORY
MEMORY = "3g"

NAMES = [f"f{n}" for n in range(FEATURES)]
CLOCKS = ("event_at", "known_at")
MODELS = {
    "spine": "select 1 as k",
    "readings": "select 1 as k",
    "joined": "{{ warehouse_ml.point_in_time_join(ref('spine'), 'predicted_at', [ref('readings')]) }}",
}
VIEW = {
    "name": "readings",
    "config": {"meta": {"feature_view": {"entity": "k", "keys": ["k"], "owner": "bench"}}},
    "columns": [
        {"name": name, "description": "Drawn at random.", "config": {"meta": {"nulls": "never"}}}
        for name in ("k", *CLOCKS, *NAMES)
    ],
    "data_tests": [{"warehouse_ml.unique_combination": {"arguments": {"columns": ["k", *CLOCKS]}}}],
}
TAKEN = ", ".join(f"taken.{name}" for name in NAMES)
AGE = "(unix_micros(predicted_at) - unix_micros(taken.known_at)) / 60e6 as readings_age_minutes"
VALUES = f"struct(event_at, known_at, {', '.join(NAMES)})"
COUNTS = "readings.k = spine.k and readings.event_at <= spine.predicted_at and readings.known_at <= spine.predicted_at"
QUERIES = {
    "running": f"""
        select row_id, k, predicted_at, {TAKEN}, {AGE} from (
            select *, last_value(taken_now, true) over (partition by k order by at, row_id nulls first) as taken from (
                select row_id, k, predicted_at, predicted_at as at, null as taken_now from features.spine
                union all
                select null, k, null, greatest(event_at, known_at), {VALUES} from features.readings
            )
        ) where row_id is not null
    """,
    "joined": f"""
        select row_id, k, predicted_at, {TAKEN}, {AGE} from (
            select
                spine.*, case when readings.k is not null then {VALUES} end as taken,
                row_number() over (partition by row_id order by event_at desc nulls last, known_at desc) as place
            from features.spine left join features.readings on {COUNTS}
        ) where place = 1
    """,
    "lateral": f"""
        select row_id, spine.k, predicted_at, {TAKEN}, {AGE}
        from features.spine left join lateral (
            select {VALUES} as taken from features.readings where {COUNTS} order by event_at desc, known_at desc limit 1
        ) on true
    """,
}


def fill(spark: Any) -> None:
    """Write the spine and the view as tables of Parquet files."""
    year = 31_536_000
    step = year * ENTITIES // ROWS
    features = ", ".join(f"rand({n}) as f{n}" for n in range(FEATURES))
    spark.sql("create schema if not exists features")
    spark.sql(
        f"create or replace temporary view drawn as select pmod(id, {ENTITIES}) as k, "
        f"timestamp '2024-01-01 00:00:00' + make_dt_interval(0, 0, 0, (id div {ENTITIES}) * {step} "
        f"+ pmod(xxhash64(id), {step})) as event_at, "
        f"rand(99) as drawn_1, rand(98) as drawn_2, {features} from range({ROWS})"
    )
    spark.sql(
        f"create table features.readings using parquet as select k, {', '.join(NAMES)}, event_at, "
        "event_at + case when drawn_1 < 0.05 then make_dt_interval(0, 0, 0, cast(drawn_2 * 864000 as int)) "
        "else interval '1' hour end as known_at from drawn"
    )
    spark.sql(
        "create table features.spine using parquet as select id as row_id, "
        f"cast(rand(1) * {ENTITIES - 1} as bigint) as k, "
        f"timestamp '2024-01-01 00:00:00' + make_dt_interval(0, 0, 0, cast(rand(2) * {year} as int)) as predicted_at "
        f"from range({SPINE})"
    )


def peak_gigabytes(spark: Any) -> float:
    """Return the most memory that the process of Spark has had."""
    process = spark.sparkContext._jvm.java.lang.ProcessHandle.current().pid()
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1e6


def main() -> None:
    """Measure and print."""
    queries = {"ours": compiled(MODELS, [VIEW], target="spark")["joined"], **QUERIES}
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "spark.driver.memory": MEMORY,
            "spark.sql.shuffle.partitions": str(max(8, ROWS // 500_000)),
        }
        spark = session(Options.of("local[2]", None, folder, settings))
        started = time.perf_counter()
        fill(spark)
        seconds = time.perf_counter() - started
        print(
            f"{SPINE:,} spine rows, {ROWS:,} of the view, {FEATURES} features: written in {seconds:.0f} s",
            flush=True,
        )
        answers = {}
        for form in FORMS:
            frame = spark.sql(queries[form])
            started = time.perf_counter()
            frame.write.format("noop").mode("overwrite").save()
            seconds = time.perf_counter() - started
            each, peak = 1e6 * seconds / (SPINE + ROWS), peak_gigabytes(spark)
            print(f"{form:8} {seconds:7.1f} s, {each:5.2f} us a row, peak {peak:.2f} GB", flush=True)
            if form != "running":
                kept = ", ".join(("row_id", *NAMES, "readings_age_minutes"))
                answers[form] = spark.sql(
                    f"select count(*), bit_xor(xxhash64({kept})) from ({queries[form]})"
                ).first()
        print("rows:", {form: tuple(answer) for form, answer in answers.items()})
        if len({tuple(answer) for answer in answers.values()}) > 1:
            raise SystemExit("the forms differ")
        stop()


if __name__ == "__main__":
    main()
