"""A refused model, a failed node and a run that never reaches its end are alerted of, without a value of any row."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import dbt_process
import own_project
import pytest
from project import Project
from prometheus_client.parser import text_string_to_metric_families
from webhook_receiver import SECRET, Receiver, receiving

PERSON = "Ada Lovelace"
TABLE = "id,name,x,y\n" + "".join(
    f"{n},{PERSON} {n},{n * 37 % 100},{int(n * 37 % 100 > 50)}\n" for n in range(300)
)
BLOCK: dict[str, Any] = {
    "task": "binary",
    "label": "y",
    "key": "id",
    "split": {"method": "random", "test": 0.4},
    "params": {"min_data_in_leaf": 10, "num_iterations": 10},
}
QUERY = "select id, x::integer as x, y::integer as y from {{ ref('people') }}"
MODELS = {
    "good": BLOCK,
    "warned": {**BLOCK, "gates": [{"metric": "log_loss", "max": 0.0001, "severity": "warn"}]},
    "refused": {
        **BLOCK,
        "gates": [{"metric": "roc_auc", "min": 1, "slices": ["region"]}],
        "slices": ["region"],
    },
    "unlearnable": BLOCK,
}
QUERIES = {
    **dict.fromkeys(MODELS, QUERY),
    "refused": QUERY.replace("y::", "case when id::integer % 9 = 0 then '0' else y end::").replace(
        "select ", f"select '{PERSON}' as region, "
    ),
    "unlearnable": f"select id, cast('{PERSON}' as integer) as x, y from {{{{ ref('people') }}}}",
}
UNIQUE = """
models:
  - name: namesakes
    columns: [{name: name, data_tests: [unique, {not_null: {config: {severity: warn}}}]}]
"""
FILES = {
    "models/namesakes.sql": f"select '{PERSON}' as name from {{{{ ref('people') }}}}",
    "models/namesakes.yml": UNIQUE,
    "models/ages.sql": "select cast(name as integer) as age from {{ ref('people') }}",
}
FAILS_AT_THE_START = "on-run-start: [\"{{ exceptions.raise_compiler_error('stop') if execute }}\"]\n"


def run(project: Project, *arguments: str, **variables: str) -> tuple[int, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DBT_", "WAREHOUSE_"))}
    return dbt_process.run(["--no-use-colors", *arguments], project.folder, {**inherited, **variables})


def lines(project: Project, file: str = "target/alerts.jsonl") -> list[dict[str, Any]]:
    path = project.folder / file
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def samples(project: Project, file: str = "target/warehouse_ml.prom") -> dict[tuple[str, ...], float]:
    """Return every sample by its name and the values of its labels, project and target aside."""
    families = text_string_to_metric_families((project.folder / file).read_text())
    return {
        (
            each.name,
            *(value for name, value in sorted(each.labels.items()) if name not in ("project", "target")),
        ): each.value
        for family in families
        for each in family.samples
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Receiver, int, str]:
    folder = tmp_path_factory.mktemp("alerts")
    project = own_project.make(folder, {"people": TABLE}, MODELS, queries=QUERIES, files=FILES)
    with receiving(200) as receiver:
        return project, receiver, *run(project, "build", "-s", "people+", WAREHOUSE_ML_WEBHOOK=receiver.url)


Built = tuple[Project, Receiver, int, str]


def test_each_failure_is_a_line_and_a_post(built: Built) -> None:
    project, receiver, code, output = built
    assert code == 1
    assert receiver.posts == lines(project), output
    alerts = {(each["kind"], each.get("model"), each["severity"]): each for each in receiver.posts}
    assert set(alerts) == {
        ("gate", "warned", "warn"),
        ("gate", "refused", "error"),
        ("gate", "unlearnable", "error"),
        ("build", None, "error"),
    }
    assert [gate["metric"] for gate in alerts["gate", "warned", "warn"]["gates"]] == ["log_loss"]
    refused = alerts["gate", "refused", "error"]
    assert (refused["version"], refused["champion"]) == (1, None)
    assert {(gate["metric"], gate["slice_column"], gate["threshold"]) for gate in refused["gates"]} == {
        ("roc_auc", "region", 1)
    }
    assert "its decisions" in alerts["gate", "unlearnable", "error"]["text"]
    failed = {
        each["node"].partition("_namesakes")[0]: each for each in alerts["build", None, "error"]["failed"]
    }
    assert {name: (each["status"], each["failures"], each["error"]) for name, each in failed.items()} == {
        "unique": ("fail", 1, None),
        "ages": ("error", None, "Conversion Error"),
    }


def test_neither_a_person_nor_the_secret_is_written(built: Built) -> None:
    project, receiver, _, output = built
    assert PERSON not in json.dumps(receiver.posts)
    assert PERSON not in (project.folder / "target/warehouse_ml.prom").read_text()
    assert SECRET not in output
    written = [
        path for path in project.folder.rglob("*") if path.is_file() and "dbt_packages" not in path.parts
    ]
    assert project.folder / "logs/dbt.log" in written
    assert [path for path in written if SECRET.encode() in path.read_bytes()] == []


def test_metrics_say_what_became_of_the_build(built: Built) -> None:
    project, *_ = built
    metrics = samples(project)
    assert metrics["warehouse_ml_build_success",] == 0
    assert metrics["warehouse_ml_build_nodes", "error"] == 1
    assert metrics["warehouse_ml_champion_version", "good"] == 1
    assert ("warehouse_ml_champion_version", "refused") not in metrics
    assert metrics["warehouse_ml_refused", "refused"] == 1
    assert metrics["warehouse_ml_gates_failed", "warned", "warn"] == 1
    assert 0.9 < metrics["warehouse_ml_metric", "test", "roc_auc", "good"] <= 1


def test_a_dead_webhook_fails_no_build_and_files_go_where_they_are_asked_to(
    built: Built, tmp_path: Path
) -> None:
    project, *_ = built
    elsewhere = {
        "WAREHOUSE_ML_ALERTS": str(tmp_path / "deep/alerts.jsonl"),
        "WAREHOUSE_ML_METRICS": str(tmp_path / "deep/warehouse.prom"),
        "WAREHOUSE_ML_WEBHOOK": f"http://127.0.0.1:9/{SECRET}",
    }
    code, output = run(project, "build", "-s", "good", "warned", **elsewhere)
    assert (code, SECRET in output) == (0, False), output
    assert "1 of 1 alerts were not posted to the webhook: ConnectionError" in " ".join(output.split())
    assert [each["model"] for each in lines(project, elsewhere["WAREHOUSE_ML_ALERTS"])] == ["warned"]
    assert samples(project, elsewhere["WAREHOUSE_ML_METRICS"])["warehouse_ml_build_success",] == 1


def test_a_run_that_stops_at_its_start_is_alerted_of(built: Built) -> None:
    project, *_ = built
    before = len(lines(project))
    file = project.folder / "dbt_project.yml"
    text = file.read_text()
    file.write_text(text + FAILS_AT_THE_START)
    code, output = run(project, "seed")
    file.write_text(text)
    assert code == 2, output
    (alert,) = lines(project)[before:]
    assert (alert["kind"], alert["project"], alert["failed"]) == ("build", "own", [])
    metrics = samples(project)
    assert metrics["warehouse_ml_build_success",] == 0
    assert metrics["warehouse_ml_champion_version", "good"] == 1
