import os
import subprocess
import sys
from pathlib import Path

import pytest

import scoring
from scoring.errors import DatabaseNameError
from scoring.warehouse import open_warehouse

NOON = """
import sys
import scoring
with scoring.connect(sys.argv[1]) as connection:
    for session in (connection, connection.cursor()):
        print(session.sql("select cast(timestamptz '2024-01-01 12:00:00+00' as timestamp)").fetchall()[0][0])
"""


def test_connections_are_in_utc_wherever_the_machine_is(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NOON, tmp_path / "warehouse.duckdb"],
        env=os.environ | {"TZ": "America/New_York"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["2024-01-01 12:00:00"] * 2


def test_connections_join_a_filtered_side_as_of_not_by_nested_loops(tmp_path: Path) -> None:
    late_rows = "select n from spine where n > (select min(n) from spine)"
    with scoring.connect(tmp_path / "warehouse.duckdb") as connection:
        connection.execute("create table spine as from range(1000) as numbers (n)")
        for cursor in (connection, connection.cursor()):
            query = f"from ({late_rows}) as late asof join spine on late.n >= spine.n"
            assert "ASOF_JOIN" in cursor.sql(f"explain {query}").fetchall()[0][1]


@pytest.mark.parametrize("name", ["ml", "RAW", "staging", "marts.copy", "features", "monitoring"])
def test_file_called_like_a_schema_is_refused_and_not_made(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.duckdb"
    with pytest.raises(DatabaseNameError) as refusal:
        open_warehouse(str(path))
    for fact in (path.name, f"schema {name.lower().partition('.')[0]}", "another name"):
        assert fact in str(refusal.value)
    assert not path.exists()
