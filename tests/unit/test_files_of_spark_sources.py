"""Where Spark is told to read the Parquet files of a source."""

from __future__ import annotations

from pathlib import Path

import pytest
from dbt.adapters.warehouse_ml_spark.relation import SparkRelation


def rendered(location: str) -> str:
    return SparkRelation.create(schema="files", identifier="orders", external=location).render()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_local_files_are_named_from_the_root(folder: Path) -> None:
    assert rendered("data/a`b.parquet") == f"parquet.`{folder}/data/a``b.parquet`"


def test_files_elsewhere_are_named_as_they_are() -> None:
    assert rendered("s3://shop/payments/*/*.parquet") == "parquet.`s3://shop/payments/*/*.parquet`"


@pytest.mark.parametrize(("month", "is_column"), [("month=1", True), ("january", False)])
def test_of_files_in_folders_that_are_columns_the_folder_above_is_read(
    folder: Path, month: str, is_column: bool
) -> None:
    (folder / "data" / month).mkdir(parents=True)
    (folder / "data" / month / "part.parquet").touch()
    place = "data" if is_column else "data/*/*.parquet"
    assert rendered("data/*/*.parquet") == f"parquet.`{folder}/{place}`"
