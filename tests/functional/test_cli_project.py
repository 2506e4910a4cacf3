"""The command line on the warehouse that dbt built."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from project import ROOT, Project


@pytest.fixture
def run(yesterday: Project, tmp_path: Path):
    def call(*arguments: str) -> tuple[int, str, str]:
        command = [Path(sys.executable).with_name("warehouse-ml"), *arguments]
        command += ["--warehouse", str(yesterday.warehouse)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    return call


def test_every_champion_is_listed_and_scores_as_it_was_trained(yesterday: Project, run) -> None:
    champions = yesterday.query("select model_name from ml.champions order by 1")
    code, out, complaint = run("models")
    assert (code, complaint) == (0, "")
    assert [line.split()[0] for line in out.splitlines()[1:]] == [name for (name,) in champions]
    assert all("  yes" in line for line in out.splitlines()[1:])
    code, out, complaint = run("verify")
    assert (code, complaint) == (0, "")
    assert [line.split("@")[0] for line in out.splitlines()] == [name for (name,) in champions]


def test_the_page_scores_in_python(yesterday: Project) -> None:
    (code,) = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "docs/cli.md").read_text(), re.MULTILINE | re.DOTALL
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=yesterday.folder, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (sum(map(int, done.stdout.split())),) in yesterday.query(
        "select count(*) from features.flight_delay_features"
    )


def test_scores_of_a_file_are_those_that_dbt_published(yesterday: Project, run, tmp_path: Path) -> None:
    features = tmp_path / "features.csv"
    with duckdb.connect(str(yesterday.warehouse), read_only=True) as warehouse:
        warehouse.execute(f"copy features.flight_delay_features to '{features}'")
    code, out, complaint = run(
        "score", "--model", "flight_delay", "--input", "features.csv", "--output", "scores.parquet"
    )
    assert (code, complaint) == (0, "")
    joined = f"marts.flight_delay_predictions as p join '{tmp_path}/scores.parquet' as s using (flight_id)"
    ((rows, differing),) = yesterday.query(
        f"select count(*), count(*) filter (where p.probability <> s.prediction) from {joined}"
    )
    assert out == f"Scored {rows:,} rows with flight_delay@1 into scores.parquet.\n"
    assert (rows > 80_000, differing) == (True, 0)
