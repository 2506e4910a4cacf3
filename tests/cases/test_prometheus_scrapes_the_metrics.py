"""A real node exporter hands the metrics to a real Prometheus, and every panel of the dashboard shows some of them."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from project import ROOT

from scoring.alerts.facts import Drift, Facts, Model
from scoring.alerts.metrics import METRICS, write_metrics
from scoring.alerts.run import Node, Run

DASHBOARD = json.loads((ROOT / "docs/grafana/warehouse_ml.json").read_text())
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
VARIABLES = [each["query"]["query"] for each in DASHBOARD["templating"]["list"] if each["type"] == "query"]
GATE = {"severity": "error", "metric": "roc_auc"}
PSI = {"kind": "feature", "slice_column": None, "psi": 0.4, "places": 1}
FACTS = Facts(
    models=[Model('a "model"\\', 2, 3, True, [GATE], [("roc_auc", "test", 0.75)])],
    drift=[
        Drift(
            'a "model"\\',
            2,
            "2013-03-01 00:00:00",
            True,
            [
                {**PSI, "feature": "distance", "compared_with": "training", "verdict": "drift"},
                {**PSI, "feature": "distance", "compared_with": "previous", "verdict": "stable"},
                {**PSI, "feature": "hour", "compared_with": "training", "verdict": "stable"},
            ],
        )
    ],
    live=[('a "model"\\', 2, "champion", "roc_auc", 0.7)],
    quality=[("flights", 0.99, 12)],
    retrain=[('a "model"\\', True)],
)


def run_of(folder: Path) -> Run:
    ended = datetime(2026, 1, 1, 12)
    return Run(
        project="own",
        target="dev",
        command="build",
        invocation="1",
        started_at=ended - timedelta(seconds=42),
        finished_at=ended,
        folder=folder,
        target_path=Path("target"),
        nodes=(Node("orders", "model", "success"), Node("ages", "model", "error")),
        environment={},
    )


@contextmanager
def serving(program: str, log: Path, *arguments: str) -> Iterator[None]:
    """Run a server that ends with the test."""
    executable = shutil.which(program)
    assert executable, f"{program} is missing: `make test` installs it"
    with (
        log.open("w") as output,
        subprocess.Popen([executable, *arguments], stdout=output, stderr=output) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


def free_address() -> str:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{unused.getsockname()[1]}"


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("prometheus")
    write_metrics(run_of(folder), FACTS)
    exporter, server = free_address(), free_address()
    scrape = {"job_name": "node", "scrape_interval": "1s", "static_configs": [{"targets": [exporter]}]}
    (folder / "prometheus.yml").write_text(json.dumps({"scrape_configs": [scrape]}))  # JSON is YAML
    with (
        serving(
            "prometheus-node-exporter",
            folder / "exporter.log",
            "--collector.disable-defaults",
            "--collector.textfile",
            f"--collector.textfile.directory={folder / 'target'}",
            f"--web.listen-address={exporter}",
        ),
        serving(
            "prometheus",
            folder / "prometheus.log",
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={server}",
        ),
    ):
        deadline = time.monotonic() + 60
        while not values(server, "warehouse_ml_build_success"):
            assert time.monotonic() < deadline, (folder / "prometheus.log").read_text()
            time.sleep(0.2)
        yield server


def values(server: str, query: str) -> list[float]:
    try:
        answer = requests.get(f"http://{server}/api/v1/query", params={"query": query}, timeout=5)
    except requests.ConnectionError:  # it is still starting
        return []
    if answer.status_code == 503:
        return []
    body: dict[str, Any] = answer.json()
    assert body["status"] == "success", body
    return [float(each["value"][1]) for each in body["data"]["result"]]


def test_every_metric_arrives(prometheus: str) -> None:
    assert {name: bool(values(prometheus, name)) for name in METRICS} == dict.fromkeys(METRICS, True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("warehouse_ml_build_success", 0),
        ("warehouse_ml_build_duration_seconds", 42),
        ('warehouse_ml_build_nodes{status="error"}', 1),
        ('warehouse_ml_champion_version{project="own",target="dev"}', 2),
        ('warehouse_ml_gates_failed{severity="error"}', 1),
        ('warehouse_ml_metric{model="a \\"model\\"\\\\",dataset="test"}', 0.75),
        ('warehouse_ml_drift_features{verdict="drift"}', 1),
        ('warehouse_ml_drift_features{verdict="stable"}', 1),
        ("warehouse_ml_retrain_due", 1),
        ('warehouse_ml_data_quality_quarantined_rows{table="flights"}', 12),
        ("node_textfile_scrape_error", 0),
    ],
)
def test_each_value(prometheus: str, query: str, expected: float) -> None:
    assert values(prometheus, query) == [expected]


@pytest.mark.parametrize("query", QUERIES)
def test_every_panel_shows_something(prometheus: str, query: str) -> None:
    assert set(re.findall(r"warehouse_ml_\w+", query)) <= set(METRICS)
    assert values(prometheus, re.sub(r"\$\w+", ".*", query))


def test_the_dashboard_shows_every_metric_and_names_no_other() -> None:
    named = set(re.findall(r"warehouse_ml_\w+", " ".join([*QUERIES, *VARIABLES])))
    assert named == set(METRICS)


def test_the_page_lists_every_metric() -> None:
    page = (ROOT / "docs/alerts.md").read_text()
    for name, (labels, text) in METRICS.items():
        assert f"| `{name}` | {', '.join(f'`{label}`' for label in labels)} | {text} |" in page


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    write_metrics(run, FACTS)
    before = os.stat(run.metrics_file).st_ino
    write_metrics(run, FACTS)
    assert os.stat(run.metrics_file).st_ino != before
    assert [path.name for path in run.metrics_file.parent.iterdir()] == ["warehouse_ml.prom"]
