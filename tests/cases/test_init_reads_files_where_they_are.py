"""A project that init writes for a Parquet file or a table reads it where it is, under any name, and writes "
"nothing there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from project import Project

from scoring.cli import main

ROWS = """
    select
        'p' || (i % 77) || '@example.org' as email, (i * 7919) % 13 as visits, ['a', 'b', 'c'][1 + i % 3] as plan,
        (i * 7919) % 13 < 4 and i % 10 <> 0 as is_late,
        timestamptz '2024-01-01 00:00:00+02' + to_hours(i::int) as placed_at
    from range(500) as numbers(i)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with duckdb.connect(str(tmp_path / "shop data.duckdb")) as connection:
        numbered = f"select row_number() over () as order_id, orders.* from ({ROWS}) as orders"
        connection.execute(f'create schema sales; create table sales."Orders 1" as {numbered}')
        connection.execute(f"copy ({ROWS}) to '{tmp_path}/it''s orders.parquet'")
    return tmp_path


def made(folder: Path, *arguments: str) -> Project:
    assert (
        main(
            ["init", str(folder / arguments[0]), str(folder / "made"), *arguments[1:], "--yes", "--no-build"]
        )
        == 0
    )
    project = Project(folder / "made")
    (project.folder / "dbt_packages").mkdir()
    (project.folder / "dbt_packages/warehouse_ml").symlink_to((project.folder / ".warehouse_ml").resolve())
    return project


def test_parquet(folder: Path) -> None:
    project = made(folder, "it's orders.parquet")
    run = project.dbt("run", "--select", "late_rows")
    assert run.code == 0, run.output
    assert project.query("select count(*), count(distinct row_key) from marts.late_rows") == [(500, 500)]
    assert "time: placed_at" in next((project.folder / "models").glob("*.yml")).read_text()


def test_a_table(folder: Path) -> None:
    before = (folder / "shop data.duckdb").read_bytes()
    project = made(folder, "shop data.duckdb", "--table", "sales.orders 1")
    run = project.dbt("build", "--select", "late", "late_predictions", "source:shop_data")
    assert run.code == 0, run.output
    predictions = "select count(prediction), min(model_version), max(order_id) from marts.late_predictions"
    assert project.query(predictions) == [(500, 1, 500)]
    # The offset of two hours is in no instant that is learned from.
    starts = "select part.starts_at from (select unnest(split.parts) as part from ml.late) where part.split = 'train'"
    assert project.query(starts) == [(datetime(2023, 12, 31, 22),)]
    columns = "select count(*) from duckdb_columns() where table_name = 'late_predictions' and column_name = 'email'"
    assert project.query(columns) == [(0,)]
    assert (folder / "shop data.duckdb").read_bytes() == before
