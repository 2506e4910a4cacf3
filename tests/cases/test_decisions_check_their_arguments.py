"""The run-operations promote, rollback and release reach the registry with their arguments as they were typed.

What else may be wrong with them is tried without dbt, in tests/unit/test_actions.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import judged_models
import made_versions
import own_project
import pytest
from project import Project, Run

SEVERAL = """
import json, sys
from dbt.cli.main import dbtRunner
for action, arguments in json.loads(sys.argv[1]):
    done = dbtRunner().invoke(["--no-use-colors", "run-operation", action, "--args", arguments])
    print("END OF", done.success)
"""
REASON = "it's \\ an 'audit'"
# A shell leaves nothing where a variable is not set.
OPERATIONS = [
    ("promote", "{model: rain, version: }", 1, "version is missing"),
    ("promote", "{model: rain, version: 1.5}", 1, "version is 1.5"),
    ("promote", "{model: rain, version: 99999999999999999999}", 1, "its versions are 1, 2"),
    ("promote", "{model: rain, version: 2}", 1, "force: true"),
    ("promote", "{model: , version: 1}", 1, "model is missing"),
    ("promote", "{version: 1}", 1, "model is missing"),
    ("promote", "{model: rian, version: 1}", 1, "Did you mean 'rain'?"),
    ("promote", "{model: rain, version: 1, why: audit}", 1, "why is not an argument"),
    ("rollback", "{model: rain, version: }", 1, "version is missing"),
    ("rollback", "{model: rain, versoin: 1}", 1, "Did you mean 'version'?"),
    ("rollback", "{model: rain}", 1, "version 1 only"),
    ("release", "{model: rain, version: 1}", 1, "version is not an argument"),
    ("promote", json.dumps({"model": "rain", "version": 2, "force": True, "reason": REASON}), 0, REASON),
    ("rollback", "{model: rain}", 0, "The champion of rain is version 1 (rollback: from version 2)."),
    ("release", "{model: rain}", 0, "The champion of rain is version 1 (release: back to the gates)."),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A model whose gates refuse the second of its versions; dbt has built nothing."""
    folder = tmp_path_factory.mktemp("decisions")
    project = own_project.make(folder, {}, {"rain": {}}, queries={"rain": "select 1 as id"})
    with duckdb.connect(str(project.warehouse)) as connection:
        model = judged_models.Model(connection, "rain")
        model.build(*(judged_models.version(n, auc, model="rain") for n, auc in ((1, 0.8), (2, 0.1))))
    return project


def operate(folder: Path, *operations: tuple[str, str]) -> list[Run]:
    """Run several operations in one process of dbt."""
    command = [sys.executable, "-c", SEVERAL, json.dumps(operations)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    runs = " ".join(done.stdout.split()).split("END OF ")
    codes = [0 if run.startswith("True") else 1 for run in runs[1:]]
    outputs = [runs[0], *(run.split(" ", 1)[-1] for run in runs[1:-1])]
    return [Run(code, output) for code, output in zip(codes, outputs, strict=True)]


def test_each_says_what_it_did_or_why_it_changes_nothing(project: Project) -> None:
    runs = operate(project.folder, *(operation[:2] for operation in OPERATIONS))
    for (action, arguments, code, fact), run in zip(OPERATIONS, runs, strict=True):
        assert run.code == code, (action, arguments, run.output)
        assert fact in run.output, (action, arguments, run.output)
        assert "Traceback" not in run.output
    recorded = "select version, action, reason, is_forced from ml.decisions order by sequence offset 2"
    assert project.query(recorded) == [
        (2, "promote", f"promote (forced): {REASON}", True),
        (1, "rollback", "rollback: from version 2", False),
        (1, "release", "release: back to the gates", False),
    ]
    with duckdb.connect(str(project.warehouse)) as connection:
        assert made_versions.champion(connection, "rain") == 1
