import os
import subprocess
import sys
from pathlib import Path

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
