from pathlib import Path

import pytest

import scoring


def test_connection_is_in_utc_wherever_the_machine_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    with scoring.connect(tmp_path / "warehouse.duckdb") as connection:
        for session in (connection, connection.cursor()):
            noon = session.sql("select cast(timestamptz '2024-01-01 12:00:00+00' as timestamp)::varchar")
            assert noon.fetchone() == ("2024-01-01 12:00:00",)
