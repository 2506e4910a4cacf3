"""From a wheel and a CSV file in an empty folder to gated predictions, and on to a second model: no line edited."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from fresh_environments import copy_of_the_repository, fresh_environment, wheel_of
from project import ROOT, Project

import scoring

PAGE = (ROOT / "docs/your_own_project.md").read_text()
INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
ROWS = 600
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True)
class User:
    """Somebody with a terminal in an empty folder, where the wheel is installed into a fresh environment."""

    folder: Path
    variables: dict[str, str]
    said: dict[str, str]
    """What each command has printed."""

    def type(self, command: str, *, within: str = ".") -> tuple[int, str]:
        """Run a command, and return its exit code and what it printed."""
        done = subprocess.run(
            command.split(),
            cwd=self.folder / within,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said[command] = done.stdout
        return done.returncode, done.stdout

    @property
    def project(self) -> Project:
        return Project(self.folder / "customers")


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> User:
    folder = tmp_path_factory.mktemp("empty")
    repository = copy_of_the_repository(tmp_path_factory.mktemp("released") / "warehouse-ml")
    wheel = wheel_of(repository, tmp_path_factory.mktemp("wheel"))
    shutil.rmtree(repository)  # which a user does not have
    variables = fresh_environment(tmp_path_factory.mktemp("environment") / "env", PYTHON)
    subprocess.run(
        ["uv", "pip", "install", "--quiet", f"{wheel}[dbt,training,report]"],
        env=variables,
        check=True,
        cwd=folder,
    )
    draw = random.Random(3)
    lines = ["customer_id,email,plan,visits,signed_up_at,is_churned"]
    for number in range(ROWS):
        plan, visits = draw.choice(("basic", "pro")), draw.randrange(30)
        is_churned = draw.random() < (0.9 if visits < 12 else 0.05)
        at = datetime(2024, 1, 1) + timedelta(hours=number)
        lines.append(f"C{number},p{number}@example.org,{plan},{visits},{at},{str(is_churned).lower()}")
    (folder / "customers.csv").write_text("\n".join(lines) + "\n")
    return User(folder, variables, {})


@pytest.fixture(scope="module")
def printed(user: User) -> str:
    code, printed = user.type("warehouse-ml init customers.csv --yes")
    assert code == 0, printed
    return printed


def test_the_build_ends_with_gates_a_champion_and_predictions(user: User, printed: str) -> None:
    report = printed.split("Completed successfully")[1]
    assert "churned version 1 scores: gates" in report
    assert re.search(r"passed  roc_auc test min 0\.55: 0\.[6-9]", report)
    assert f"{ROWS} predictions in warehouse.marts.churned_predictions" in report
    assert re.search(r"customer_id +prediction +model_version +scored_at\nC\d+ +0\.\d+ +1 ", report)
    project = user.project
    scored = "select count(*), count(prediction), min(model_version) from marts.churned_predictions"
    assert project.query(scored) == [(ROWS, ROWS, 1)]
    with scoring.connect(project.warehouse) as warehouse:
        ((probability,),) = warehouse.sql(
            "select ml_predict('churned', {'plan': 'basic', 'visits': 2})"
        ).fetchall()
    assert probability > 0.4


def test_personal_data_reach_no_model_and_no_prediction(user: User, printed: str) -> None:
    assert "left out  email: personal data" in printed
    assert "@example.org" not in printed
    columns = "select table_name from duckdb_columns() where column_name = 'email' and not internal"
    assert user.project.query(columns) == [("customers",)]


def test_the_files_name_nothing_of_this_machine(user: User, printed: str) -> None:
    folder = user.folder / "customers"
    files = subprocess.run(
        "git init -q && git add . && git ls-files",
        shell=True,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "warehouse.duckdb" not in files and ".warehouse_ml" not in files
    assert {
        "dbt_project.yml",
        "profiles.yml",
        "seeds/customers.csv",
        "models/ml/churned.sql",
        "README.md",
    } <= {*files}
    for file in files:
        text = (folder / file).read_text()
        assert str(user.folder) not in text and user.variables["VIRTUAL_ENV"] not in text, file


def test_doctor_is_content_and_a_colleague_needs_one_command_more(user: User, printed: str) -> None:
    code, said = user.type("warehouse-ml doctor", within="customers")
    assert (code, said.splitlines()[-1]) == (0, "All is well."), said
    # A clone has no link, and its dbt_packages are empty.
    clone = user.folder / "clone"
    left_out = shutil.ignore_patterns(".warehouse_ml", "dbt_packages", "target", "*.duckdb")
    shutil.copytree(user.project.folder, clone, symlinks=True, ignore=left_out)
    for command in ("warehouse-ml package", "dbt deps"):
        code, said = user.type(command, within="clone")
        assert code == 0, said
    package = user.type("warehouse-ml package --path")[1].strip()
    assert (clone / "dbt_packages/warehouse_ml").resolve() == Path(package).resolve()


def test_a_second_model_is_added_and_a_useless_one_is_refused(user: User, printed: str) -> None:
    project = user.project
    written = [*project.folder.rglob("models/**/*.sql"), *project.folder.glob("*.yml")]
    before = {path: path.read_bytes() for path in written if "target" not in path.parts}
    code, said = user.type(
        "warehouse-ml add-model customers --label visits --name busy --yes", within="customers"
    )
    assert "busy version 1" in said, said
    assert re.search(r"passed  \w+ test ", said.split("busy version 1")[1]), said
    assert project.query("select count(*) from ml.model_versions where model_name = 'busy'") == [(1,)]
    assert "left out  email: personal data" in said
    draw = random.Random(5)
    noise = "".join(f"{n},{draw.random()},{draw.random()},{n % 2}\n" for n in range(300))
    (user.folder / "coins.csv").write_text(f"coin_id,weight,size,is_heads\n{noise}")
    code, said = user.type("warehouse-ml add-model ../coins.csv --yes", within="customers")
    assert code == 1, said
    assert "heads version 1 does not score: refused" in said and "FAILED" in said
    assert (project.folder / "models/ml/heads.sql").exists() and (project.folder / "seeds/coins.csv").exists()
    assert {path: path.read_bytes() for path in before} == before
    code, said = user.type(
        "warehouse-ml add-model coins --name heads --label is_heads --yes", within="customers"
    )
    assert code == 1 and "models/ml/heads.sql" in said.splitlines()[-1]


def test_the_page_shows_what_is_printed(user: User, printed: str) -> None:
    """The page's other commands are those of the tests above, which have run."""
    with duckdb.connect(str(user.folder / "shop.duckdb")) as connection:
        columns = "i as order_id, i % 3 as items, i % 5 = 0 as is_late"
        connection.execute(f"create table orders as select {columns} from range(200) as numbers(i)")
    user.type("warehouse-ml init shop.duckdb --table orders --label is_late --yes --no-build")
    blocks = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    shown = dict(
        [*command.split("\n", 1), ""][:2]
        for block in blocks
        for command in block.removeprefix("$ ").split("\n$ ")
    )
    assert len(shown) > 5
    for command, lines in shown.items():
        if command.startswith("pip install"):
            continue
        said = " ".join(INSTANT.sub("<instant>", user.said[command.strip()]).split())
        for line in filter("…".__ne__, lines.splitlines()):
            assert " ".join(INSTANT.sub("<instant>", line).split()) in said, (command, line)
