"""Everything that docs/exchange.md shows, in the order of the page, in a project with the model of the README."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys

import own_project
import pytest
import yaml
from ml_project import write
from project import ROOT, Project

from training.declared.config import parse

PAGE = (ROOT / "docs/exchange.md").read_text()
FILE = re.compile(r"`([\w/]+\.\w+)`:\n```\w+\n(.*?)```", re.DOTALL)
PYTHON = re.compile(r"```python\n(.*?)```\n(?:```text\n(.*?)```)?", re.DOTALL)
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
STEP = re.compile("|".join(f"(?:{each.pattern})" for each in (FILE, PYTHON, CONSOLE)), re.DOTALL)
INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
PLANS = ("basic", "plus", "team")
CUSTOMERS = "customer_id,plan,visits,spend,is_churned\n" + "".join(
    f"{n},{PLANS[n % 3]},{n * 31 % 17},{n * 7919 % 1000 / 8},{str(n * 31 % 17 < 5 + n % 3).lower()}\n"
    for n in range(300)
)
CHURN = {
    "task": "binary",
    "label": "is_churned",
    "key": "customer_id",
    "split": {"method": "random", "validation": 0.1, "test": 0.2},
    "gates": [{"metric": "roc_auc", "min": 0.6}],
}


class Reader:
    """Somebody who follows the page."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def follow(self, step: str) -> None:
        if match := FILE.fullmatch(step):
            write(self.project, match[1], match[2])
            if match[1] == "models/ml/leaving.yml":  # the page says that the old files are renamed
                for suffix in ("sql", "yml"):
                    (self.project.folder / f"models/ml/churn.{suffix}").unlink()
        elif match := PYTHON.fullmatch(step):
            printed = self.run("-c", match[1])
            assert printed.split() == (match[2] or "").split()
        elif match := CONSOLE.fullmatch(step):
            for command in match[1].removeprefix("$ ").split("\n$ "):
                self.type(*command.split("\n", 1))

    def type(self, command: str, shown: str = "") -> None:
        """Run a command; each part of what is shown, between ellipses, must be printed."""
        program, *arguments = shlex.split(command)
        if program == "dbt":
            run = self.project.plain(*arguments)
            assert run.code == 0, run.output
            printed = run.output
        else:
            assert program == "warehouse-ml"
            printed = self.run("-m", "scoring.cli", *arguments)
        said = INSTANT.sub("<instant>", " ".join(printed.split()))
        for part in INSTANT.sub("<instant>", " ".join(shown.split())).split("…"):
            assert part.strip() in said, command

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.project.folder,
            env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "WAREHOUSE_PATH": "warehouse.duckdb"},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    project = own_project.make(
        tmp_path_factory.mktemp("exchange"), {"customers": CUSTOMERS}, {"churn": CHURN}
    )
    run = project.build("--select", "customers", "churn")
    assert run.code == 0, run.output
    return Reader(project)


STEPS = [match[0] for match in STEP.finditer(PAGE)]


@pytest.mark.parametrize("step", STEPS, ids=[f"step {n}" for n in range(1, len(STEPS) + 1)])
def test_the_page_can_be_followed(reader: Reader, step: str) -> None:
    reader.follow(step)


def test_the_other_block_is_one_that_a_model_may_have() -> None:
    blocks = re.findall(r"```\w+\n.*?```", PAGE, re.DOTALL)
    (block,) = [each for each in blocks if not any(each in step for step in STEPS)]
    spec = parse({**CHURN, **yaml.safe_load(block.strip("`").removeprefix("yaml"))}, model_name="churn")
    assert spec.retention is not None and spec.retention.keep == 5
