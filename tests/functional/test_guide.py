"""Every command, query and edit of docs/guide.md, in the order of the page, on a copy of the starter."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys

import pytest
from ml_project import write
from project import ROOT, Project

import scoring

PAGE = (ROOT / "docs/guide.md").read_text()
STORY, MESSAGES = PAGE.split("## Troubleshooting")
FILE = re.compile(r"`([\w/]+\.\w+)`:\n```\w+\n(.*?)```", re.DOTALL)
EDIT = re.compile(r"[Ii]n `([\w/.]+)`, `([^`]+)` becomes\s+`([^`]+)`")
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
QUERY = re.compile(r"```sql\n([^`]*)```\n```text\n([^`]*)```")
STEP = re.compile("|".join(f"(?:{each.pattern})" for each in (FILE, EDIT, CONSOLE, QUERY)), re.DOTALL)
INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
INSTALLED = "pip install --requirement requirements.txt"
"""What test_starter.py does, from the wheel and with every Python."""


class Reader:
    """Somebody who follows the page in a copy of the starter."""

    def __init__(self, project: Project) -> None:
        self.project, self.code = project, 0

    def follow(self, step: str) -> None:
        if match := FILE.fullmatch(step):
            write(self.project, match[1], match[2])
        elif match := EDIT.fullmatch(step):
            self.project.replace(match[1], match[2], match[3])
        elif match := CONSOLE.fullmatch(step):
            for command in match[1].removeprefix("$ ").split("\n$ "):
                self.type(*command.split("\n", 1))
        elif match := QUERY.fullmatch(step):
            with scoring.connect(self.project.warehouse) as connection:
                assert str(connection.sql(match[1])).split() == match[2].split(), match[1]

    def type(self, command: str, shown: str = "") -> None:
        """Run a command; each line that is shown must be printed, whatever stands where it has an ellipsis."""
        if command == INSTALLED:
            return
        program, *arguments = shlex.split(command)
        if program == "dbt":
            run = self.project.plain(*arguments)
            code, printed = run.code, run.output
        elif program == "warehouse-ml":
            done = subprocess.run(
                [sys.executable, "-m", "scoring.cli", *arguments],
                cwd=self.project.folder,
                capture_output=True,
                text=True,
            )
            code, printed = done.returncode, f"{done.stdout}\n{done.stderr}"
        else:
            assert command == "echo $?"
            code, printed = 0, str(self.code)
        self.code = code
        assert bool(code) == ("It goes on scoring" in shown), printed
        for line in filter("…".__ne__, shown.splitlines()):
            said = INSTANT.sub("<instant>", line.replace("published/", f"{self.project.folder}/published/"))
            assert " ".join(said.split()) in INSTANT.sub("<instant>", " ".join(printed.split())), command


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    folder = tmp_path_factory.mktemp("guide") / "my_warehouse"
    left_out = shutil.ignore_patterns("target", "logs", "dbt_packages", "*.duckdb*", "package-lock.yml")
    shutil.copytree(ROOT / "dbt_project", folder, ignore=left_out)
    project = Project(folder)
    project.replace("packages.yml", "local: ..", f"local: {ROOT}")
    return Reader(project)


STEPS = [match[0] for match in STEP.finditer(STORY)]


@pytest.mark.parametrize("step", STEPS, ids=[f"step {n}" for n in range(1, len(STEPS) + 1)])
def test_the_page_can_be_followed(reader: Reader, step: str) -> None:
    reader.follow(step)


def test_every_block_of_code_is_a_step_or_part_of_the_starter() -> None:
    blocks = re.findall(r"```\w+\n.*?```", STORY, re.DOTALL)
    (block,) = [each for each in blocks if not any(each in step for step in STEPS)]
    own = (ROOT / "dbt_project/models/churn.yml").read_text()
    wanted = [line.strip() for line in block.splitlines()[1:-1]]
    assert "\n".join(wanted) in "\n".join(line.strip() for line in own.splitlines())


def test_training_from_the_compiled_project_gives_the_row_of_a_build(reader: Reader) -> None:
    built, compiled = reader.project.query(
        "select * replace (list_transform(tuning_trials, lambda t: struct_update(t, seconds := 0)) as tuning_trials) "
        "from ml.churn where version > 1 order by version"
    )
    names = [name for (name, *_) in reader.project.query("describe ml.churn")]
    differing = {name for name, *pair in zip(names, built, compiled, strict=True) if pair[0] != pair[1]}
    measured = {"created_at", "training_seconds", "peak_memory_bytes", "dbt_invocation_id"}
    assert differing - measured == {"version"}
