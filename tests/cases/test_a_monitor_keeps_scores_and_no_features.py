"""A monitor of more features than memory holds: they are read as a stream, and the scores alone are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import own_project

FEATURES, ROWS = 60, 400_000
"""A table of them takes 190 MB in memory, that of the scores 30."""
MEMORY = "120MB"
BLOCK: dict[str, Any] = {
    "task": "binary",
    "label": "is_late",
    "key": "id",
    "time": "predicted_at",
    "split": {"method": "sequential", "test": 0.2},
    "estimator": "lightgbm",
    "params": {"num_iterations": 5, "num_leaves": 7},
}
MONITOR = """
    {{ config(materialized='ml_monitor', pre_hook=[
        "set memory_limit = '%s'", "set max_temp_directory_size = '0KiB'",
    ]) }}
    -- depends_on: {{ ref('late') }}
    select *, x0 as prediction, 1 as model_version from {{ ref('scored') }}
"""


def rows(count: int, start: str) -> str:
    features = ", ".join(f"hash(n, {n}) % 10007 / 10007e0 as x{n}" for n in range(FEATURES))
    return (
        f"select n as id, timestamp '{start}' + to_seconds(cast(n % 86400 as bigint)) as predicted_at, {features} "
        f"from (select range as n from range({count}))"
    )


def test_features_are_counted_as_they_are_read(tmp_path: Path) -> None:
    blocks = [{"name": "watch", "config": {"meta": {"ml_monitor": {"model": "late"}}}}]
    project = own_project.make(
        tmp_path,
        {"nothing": "n\n1\n"},
        {"late": BLOCK},
        queries={"late": f"select *, x0 + x1 > 1 as is_late from ({rows(4_000, '2023-01-01')})"},
        files={
            "models/marts/scored.sql": rows(ROWS, "2024-01-01"),
            "models/marts/watch.sql": MONITOR % MEMORY,
            "models/marts/watch.yml": json.dumps({"models": blocks}),
        },
    )
    run = project.build("-s", "late", "scored", "watch")
    assert run.code == 0, run.output
    with duckdb.connect(str(project.warehouse), read_only=True) as warehouse:
        counted = warehouse.sql(
            "select entry.feature, entry.row_count, list_sum(list_transform(entry.bins, lambda bin: bin.row_count)) "
            "from (select unnest(profile) as entry from marts.watch) where entry.kind = 'feature'"
        ).fetchall()
    assert sorted(counted) == sorted((f"x{n}", ROWS, ROWS) for n in range(FEATURES))
