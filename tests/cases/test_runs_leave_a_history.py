"""Every run of dbt that runs nodes leaves rows, whether it ends well, fails, is killed, or is rejected."""

from __future__ import annotations

import signal

import own_project
import pytest
from project import Project, Run

NAME = "Ann O'Hara-Smith"
SEEDS = {"customers": f"customer_id,full_name\n1,{NAME}\n2,Bob\n"}
# A plugin of dbt-duckdb whose function ends its own process, as the system does that is short of memory.
KILLER = """
import os, signal
from dbt.adapters.duckdb.plugins import BasePlugin

class Plugin(BasePlugin):
    def configure_connection(self, conn):
        conn.create_function("kill", self.kill, ["BIGINT"], "BIGINT", side_effects=True)

    def kill(self, number):
        os.kill(os.getpid(), signal.SIGKILL)
"""
KILLING = "plugins: &plugins\n        - module: killer"
FILES = {
    "killer.py": KILLER,
    "models/names.sql": "select * from {{ ref('customers') }}",
    "models/ages.sql": "select {{ env_var('AGES', '1') }} as age, full_name from {{ ref('names') }}",
    "models/after.sql": "select * from {{ ref('ages') }}",
    "models/models.yml": """
models:
  - name: names
    columns:
      - name: full_name
        data_tests: [{unique: {}}, {accepted_values: {arguments: {values: [Bob]}, config: {severity: warn}}}]
""",
}
OWN = ("-s", "package:own", "pipeline_runs")
RUNS = "select command, status from monitoring.pipeline_runs order by started_at"
LAST = "(select dbt_invocation_id from monitoring.pipeline_runs order by started_at desc limit 1)"
NODES = f"select node_name, status, message from monitoring.pipeline_nodes where dbt_invocation_id = {LAST}"


def nodes(project: Project) -> dict[str, tuple[str, str | None]]:
    return {name: (status, message) for name, status, message in project.query(NODES)}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = own_project.make(tmp_path_factory.mktemp("history"), SEEDS, {}, files=FILES)
    profile = (project.folder / "profiles.yml").read_text()
    # A read-only file is a setting of the profile.
    profile = profile.replace("plugins: &plugins", f"module_paths: ['.']\n      {KILLING}")
    profile += """
    reading:
      type: duckdb
      path: warehouse.duckdb
      config_options: {access_mode: read_only}
      plugins: [{module: scoring.plugin, alias: warehouse_ml}]
"""
    own_project.write(project, "profiles.yml", profile)
    return project


@pytest.fixture(scope="module")
def built(project: Project) -> Run:
    return project.build(*OWN)


def test_a_run_that_ends_well(project: Project, built: Run) -> None:
    assert built.code == 0, built.output
    assert project.query(RUNS) == [("build", "success")]
    ((nodes_, seconds, started, memory, version),) = project.query(
        "select node_count, seconds, started_at < ended_at, peak_memory_bytes, duckdb_version "
        "from monitoring.pipeline_runs"
    )
    assert (nodes_, started, version) == (7, True, "1.5.5")
    assert 0 < seconds < 120 and 50e6 < memory < 4e9
    described = project.query(
        "select node_name, step, row_count, rows_written, rows_read, raw_tables from monitoring.pipeline_nodes "
        "where step != 'test' and node_name != 'pipeline_runs' order by started_at"
    )
    assert described == [
        ("customers", "extract", 2, 2, 0, ["customers"]),
        ("names", "extract", 2, 2, 2, ["customers"]),
        ("ages", "transform", 2, 2, 2, ["customers"]),
        ("after", "store", 2, 2, 2, ["customers"]),
    ]
    measured = project.query(
        "select count(*) from monitoring.pipeline_nodes where seconds >= execute_seconds and started_at < ended_at "
        "and peak_memory_bytes between start_memory_bytes and 4e9"
    )
    assert measured == [(7,)]


def test_messages_hold_no_values(project: Project, built: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert built.code == 0
    monkeypatch.setenv("AGES", "cast(full_name as integer)")
    run = project.plain("run", *OWN)
    assert run.code == 1 and NAME in run.output
    assert project.query(RUNS)[-1] == ("run", "error")
    by_name = nodes(project)
    assert by_name["ages"] == ("error", "Conversion Error: Could not convert string …")
    assert by_name["after"] == ("skipped", None)
    held = project.query("select string_agg(message, ' ') from monitoring.pipeline_nodes")
    assert not any(part in str(held) for part in ("Ann", "Hara", "Smith", "Bob"))
    monkeypatch.setenv("AGES", "2")
    retried = project.plain("retry")
    assert retried.code == 0, retried.output
    assert project.query(RUNS)[-1] == ("run", "success")
    assert nodes(project) == {"ages": ("success", None), "after": ("success", None)}


def test_a_killed_run_is_found_by_the_next(
    project: Project, built: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert built.code == 0
    monkeypatch.setenv("AGES", "kill(1)")
    killed = project.plain("build", *OWN)
    monkeypatch.delenv("AGES")
    assert killed.code == -signal.SIGKILL
    assert project.query(RUNS)[-1] == ("build", "running")
    assert nodes(project) == {}
    block = project.folder / "models/bad.yml"
    block.write_text("models: [{name: after, config: {meta: {feature_view: {entity: 7}}}}]")
    rejected = project.plain("test", *OWN)
    block.unlink()
    assert rejected.code != 0 and "feature_view" in rejected.output
    assert project.query(RUNS)[-2:] == [("build", "killed"), ("test", "running")]
    tested = project.plain("test", *OWN)
    assert tested.code == 0, tested.output
    assert project.query(RUNS)[-3:] == [("build", "killed"), ("test", "rejected"), ("test", "success")]
    statuses = {status for status, _ in nodes(project).values()}
    assert statuses == {"pass", "warn"}


def test_runs_without_data_and_on_a_file_to_read(project: Project, built: Run) -> None:
    assert built.code == 0
    before = project.query(RUNS)
    run = project.plain("test", *OWN, "--target", "reading")
    assert run.code == 0, run.output
    assert project.query(RUNS) == before
    run = project.build(*OWN, "--empty")
    assert run.code == 0, run.output
    assert project.query(RUNS) == [*before, ("build", "success")]
    flags = "select is_without_data from monitoring.pipeline_runs order by started_at desc limit 1"
    assert project.query(flags) == [(True,)]


def test_forecast_and_scorecard_read_what_real_runs_wrote(project: Project, built: Run) -> None:
    assert built.code == 0
    run = project.build("-s", "package:own", "+scorecard", "+resource_forecast")
    assert run.code == 0, run.output
    ((seconds, largest, runs, rows, error),) = project.query(
        "select predicted_seconds, largest_seconds, known_runs, expected_rows, seconds_error "
        "from monitoring.resource_forecast where unique_id = 'model.own.names'"
    )
    assert 0 < seconds <= largest and runs >= 2 and rows == 2 and error >= 0
    ((threads, memory, warning),) = project.query(
        "select recommended_threads, recommended_memory_bytes, warning from monitoring.resource_forecast "
        "where unique_id is null"
    )
    assert threads >= 1 and memory % 2**26 == 0 and warning is None
    card = project.query(
        "select reliability, pipeline_latency_seconds > 0, memory_use between 0 and 1, cpu_use between 0 and 1, "
        "accuracy from monitoring.scorecard order by started_at desc limit 1"
    )
    ((reliability, *facts),) = card
    assert 0 < reliability < 1  # of the runs above one was killed
    assert facts == [True, True, True, None]
