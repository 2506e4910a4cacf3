"""A project as init writes it, on DuckDB and on Spark: the same rows, keys, artifact and scores, and no line edited."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import Project
from spark_process import SparkProcess

from scoring.cli import main

BUILD = ("build", "-s", "homes", "price_rows", "price", "price_predictions")
ROWS = 300
NOTES = ('it\'s "old"', "", "a\\b, by the sea", "None")
AREAS = (0.1, 1e-7, 33.5, 1e20, "")


def homes() -> str:
    chance = random.Random(1)
    lines = ["area,Rooms №,note,code,seen_at,price"]
    for number in range(ROWS):
        area, rooms, note = chance.choice(AREAS), chance.randrange(1, 6), chance.choice(NOTES)
        quoted = '"' + note.replace('"', '""') + '"' if note else ""
        price = 100 * rooms + 30 * len(note) + chance.gauss(0, 9)
        lines.append(f"{area},{rooms},{quoted},{number % 9},2024-01-{1 + number % 28:02} 10:00:00,{price!r}")
    return "\n".join([*lines, *lines[1:4]]) + "\n"  # some rows are equal


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, SparkProcess]]:
    folder = tmp_path_factory.mktemp("homes")
    (folder / "homes.csv").write_text(homes())
    options = ("--label", "price", "--exclude", "code", "--time", "none", "--yes", "--no-build")
    assert main(["init", str(folder / "homes.csv"), str(folder / "made"), *options]) == 0
    project = Project(folder / "made")
    link(project.folder)
    run = project.dbt(*BUILD)
    assert run.code == 0, run.output
    with SparkProcess(project.folder) as spark:
        run = spark.build(*BUILD[1:])
        assert run.code == 0, run.output
        yield project, spark


def link(folder: Path) -> None:
    """Install the dbt package as `dbt deps` does."""
    (folder / "dbt_packages").mkdir()
    (folder / "dbt_packages/warehouse_ml").symlink_to((folder / ".warehouse_ml").resolve())


@pytest.mark.parametrize(
    "sql",
    [
        'select note, area, "Rooms №", count(*) from raw.homes group by 1, 2, 3 order by 1, 2, 3',
        "select row_key, note, price from marts.price_rows order by row_key",
        "select version, artifact_sha256 from ml.price",
        "select row_key, prediction, model_version from marts.price_predictions order by row_key",
    ],
    ids=["seed", "keys", "artifact", "scores"],
)
def test_the_same(both: tuple[Project, SparkProcess], sql: str) -> None:
    duckdb, spark = both
    # Nulls come first on Spark.
    rows = sorted(duckdb.query(sql), key=repr)
    assert sorted(spark.rows(sql), key=repr) == rows
    assert rows


def test_texts_are_those_of_the_file(both: tuple[Project, SparkProcess]) -> None:
    notes = {note for (note,) in both[1].rows("select distinct note from raw.homes")}
    assert notes == {note or None for note in NOTES}
