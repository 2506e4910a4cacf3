"""A monitor of more features and slices than memory holds: they are read as a stream, and the scores alone are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import own_project
import pytest

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
    select
        *, id %% 20000 as customer, id %% 40 as shop, id // 40 %% 40 as product, id // 1600 %% 40 as clerk,
        x0 as prediction, 1 as model_version
    from {{ ref('scored') }}
"""


def rows(count: int, features: int, start: str) -> str:
    columns = ", ".join(f"hash(n, {n}) % 10007 / 10007e0 as x{n}" for n in range(features))
    return (
        f"select n as id, timestamp '{start}' + to_seconds(cast(n % 86400 as bigint)) as predicted_at, {columns} "
        f"from (select range as n from range({count}))"
    )


@pytest.mark.parametrize(
    ("features", "count", "slices", "memory"),
    [
        # As a table they would take 190 MB, and their scores take 30.
        pytest.param(60, 400_000, [], "120MB", id="features"),
        # Counted for each of 20,000 slices they would take gigabytes.
        pytest.param(10, 100_000, ["customer"], "400MB", id="slices"),
        # Of three columns each of 64,000 combinations would be counted.
        pytest.param(10, 128_000, ["shop", "product", "clerk"], "400MB", id="slices of several columns"),
    ],
)
def test_features_are_counted_as_they_are_read_and_in_slices_that_are_kept(
    features: int, count: int, slices: list[str], memory: str, tmp_path: Path
) -> None:
    monitor = {"model": "late", "slices": slices}
    blocks = [{"name": "watch", "config": {"meta": {"ml_monitor": monitor}}}]
    training = rows(4_000, features, "2023-01-01")
    project = own_project.make(
        tmp_path,
        {"nothing": "n\n1\n"},
        {"late": BLOCK},
        queries={"late": f"select *, x0 + x1 > 1 as is_late from ({training})"},
        files={
            "models/marts/scored.sql": rows(count, features, "2024-01-01"),
            "models/marts/watch.sql": MONITOR % memory,
            "models/marts/watch.yml": json.dumps({"models": blocks}),
        },
    )
    run = project.build("-s", "late", "scored", "watch")
    assert run.code == 0, run.output
    with duckdb.connect(str(project.warehouse), read_only=True) as warehouse:
        counted = warehouse.sql(
            "select entry.feature, entry.row_count, list_sum(list_transform(entry.bins, lambda bin: bin.row_count)) "
            "from (select unnest(profile) as entry from marts.watch where slice_column is null) "
            "where entry.kind = 'feature'"
        ).fetchall()
        differing = warehouse.sql(
            "select count(*) from (select *, unnest(profile) as entry from marts.watch) "
            "where entry.row_count <> row_count or entry.row_count <> "
            "list_sum(list_transform(entry.bins, lambda bin: bin.row_count))"
        ).fetchall()
        of_slices = warehouse.sql(
            "select slice_column, count(*), sum(row_count) from marts.watch where slice_column is not null group by 1"
        ).fetchall()
    assert differing == [(0,)]
    assert sorted(counted) == sorted((f"x{n}", count, count) for n in range(features))
    kept, values = (50, 20_000) if slices == ["customer"] else (40, 40)
    assert sorted(of_slices) == sorted((column, kept, kept * count // values) for column in slices)
