"""Old versions lose their artifacts and nothing else, what is in use never does, and the file shrinks."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import own_project
import pytest
from made_versions import add, decide, made, operate, sum_model
from project import Project

import scoring
from scoring.cli import main
from scoring.decisions import PIN
from scoring.errors import PrunedVersionError
from scoring.onnx_bytes import with_notes
from training.declared import config

MODEL = 'my "m"'
AGES = {1: 400, 2: 300, 3: 200, 4: 100, 5: 50, 6: 20, 7: 10, 8: 1}
"""How many days ago each version was made."""
NOISE = 100_000
TABLE = 'ml."my ""m"""'


def version(number: int) -> Any:
    noise = os.urandom(NOISE).hex()  # so that no compression hides whether the file shrinks
    created_at = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=AGES[number])
    artifact = with_notes(sum_model(2, float(number)), {"noise": noise})
    return made(MODEL, number, artifact=artifact, created_at=created_at, native_model=noise)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed warehouse: versions 1, 3, and 6 were champion, 6 is, 2 was second in an A/B test, 8 is the newest."""
    path = tmp_path_factory.mktemp("original") / "ware house.duckdb"
    with scoring.connect(path) as connection:
        for number in AGES:
            add(connection, version(number), champion=False)
        for number in (1, 3):
            decide(connection, MODEL, number, challenger=2 if number == 3 else None, challenger_share=0.1)
        decide(connection, MODEL, 6, newest_version=8)
        connection.execute("create view ml.scores as select 1 as one")
        connection.execute("comment on table ml.decisions is 'kept'")
    return path


@pytest.fixture
def file(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(original, tmp_path))


def run(file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["--warehouse", str(file), *arguments])
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def with_artifacts(file: Path) -> list[int]:
    query = f"select version from {TABLE} where artifact is not null and native_model is not null order by 1"
    with duckdb.connect(file, read_only=True) as connection:
        return [number for (number,) in connection.sql(query).fetchall()]


CASES: dict[str, tuple[Sequence[str], set[int]]] = {
    "nothing is asked": ((), set()),
    "the newest three": (("--keep", "3"), {4, 5}),
    "the newest": (("--keep", "1"), {4, 5, 7}),
    "an age": (("--older-than", "60 days"), {1, 2, 4}),
    "an age that is less": (("--older-than", "1 hour"), {1, 2, 4, 5, 7}),
    "both": (("--keep", "4", "--older-than", "250 days"), {1, 2, 4}),
    "one model": (("--model", MODEL, "--keep", "1"), {4, 5, 7}),
    "a span beyond all": (("--older-than", "99999999999999 weeks"), set()),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_old_goes_and_what_is_in_use_stays(file: Path, case: str) -> None:
    arguments, gone = CASES[case]
    before = file.stat().st_size
    dry = run(file, "prune", *arguments, "--dry-run")
    assert dry.returncode == 0 and dry.stdout.count("Would remove") == len(gone), dry.stderr
    assert with_artifacts(file) == sorted(AGES)
    done = run(file, "prune", *arguments)
    assert done.returncode == 0, done.stderr
    assert with_artifacts(file) == sorted({*AGES} - gone)
    assert all(f"{MODEL}@{number}," in done.stdout for number in gone)
    assert before - file.stat().st_size >= len(gone) * 3 * NOISE
    again = run(file, "prune", *arguments)
    assert again.returncode == 0 and "Removed" not in again.stdout
    assert os.listdir(file.parent) == [file.name]


def test_rows_metrics_decisions_and_everything_else_stay(file: Path) -> None:
    rows = f"select * exclude (artifact, native_model, sql_form, pruned_at, pruned_by) from {TABLE} order by version"
    with duckdb.connect(file) as connection:
        before = [connection.sql(rows).fetchall(), connection.sql("from ml.decisions").fetchall()]
    assert run(file, "prune", "--keep", "1").returncode == 0
    with scoring.connect(file) as connection:
        assert [connection.sql(rows).fetchall(), connection.sql("from ml.decisions").fetchall()] == before
        assert connection.sql("from ml.scores").fetchall() == [(1,)]
        comment = "select comment from duckdb_tables() where table_name = 'decisions'"
        assert connection.sql(comment).fetchall() == [("kept",)]
        pruned = f"select version, pruned_at > now()::timestamp - interval 1 hour, pruned_by from {TABLE} "
        pruned_rows = connection.sql(pruned + "where pruned_at is not null order by 1").fetchall()
        assert [(number, is_now) for number, is_now, _ in pruned_rows] == [(4, True), (5, True), (7, True)]
        assert all(by for *_, by in pruned_rows)


def test_a_version_without_its_artifact_says_so_wherever_it_is_called(file: Path) -> None:
    with scoring.connect(file) as connection:
        query = f"select ml_predict('{MODEL}@4', {{'x': 1, 'y': 2}})"
        assert connection.sql(query).fetchall() == [(12.0,)]
    assert run(file, "prune", "--keep", "1").returncode == 0
    facts = r"Version 4 of 'my \"m\"'.*removed on 20.*1, 2, 3, 6, 8"
    with scoring.connect(file) as connection:
        with pytest.raises(duckdb.Error, match=facts):
            connection.sql(query).fetchall()
        with pytest.raises(PrunedVersionError, match=facts):
            scoring.load(f"{MODEL}@4", connection)
        assert "removed on" in operate(connection, "promote", MODEL, version=4, force=True)["problem"]
        assert "is version 3" in operate(connection, "rollback", MODEL)["message"]
    for command in ("verify", "export"):
        output = ["--output", str(file.with_name("m.onnx"))] if command == "export" else []
        done = run(file, command, "--model", f"{MODEL}@4", *output)
        assert done.returncode == 1 and "can no longer score" in done.stderr
        assert done.stderr.count("\n") == 1
    listed = run(file, "models").stdout.splitlines()
    assert sum("artifact removed 20" in line for line in listed) == 3
    assert run(file, "models").returncode == 0


def test_an_artifact_that_vanished_otherwise_is_damage(file: Path) -> None:
    with scoring.connect(file) as connection:
        connection.execute(f"update {TABLE} set artifact = null where version = 4")
        with pytest.raises(duckdb.Error, match="damaged"):
            connection.sql(f"select ml_predict('{MODEL}@4', {{'x': 1, 'y': 2}})").fetchall()


def test_a_pinned_version_stays(file: Path) -> None:
    with scoring.connect(file) as connection:
        decide(connection, MODEL, 4, action=PIN, reason="pin: audit", newest_version=8)
    assert run(file, "prune", "--keep", "1", "--older-than", "1 second").returncode == 0
    assert with_artifacts(file) == [4, 6, 8]  # the pin, the champion before it, the newest


def test_rows_that_are_not_understood_are_left_alone(file: Path) -> None:
    with scoring.connect(file) as connection:
        connection.execute(f"insert into {TABLE} from {TABLE} where version = 4")
        connection.execute(f"update {TABLE} set created_at = null where version = 1")
    assert run(file, "prune", "--keep", "1", "--older-than", "1 second").returncode == 0
    assert with_artifacts(file) == [1, 3, 4, 4, 6, 8]


def test_links_and_permissions_stay(file: Path, tmp_path: Path) -> None:
    file.chmod(0o640)
    link = tmp_path / "elsewhere" / "link.duckdb"
    link.parent.mkdir()
    link.symlink_to(file)
    assert run(link, "prune", "--keep", "1").returncode == 0
    assert link.is_symlink() and file.stat().st_mode & 0o777 == 0o640
    assert os.listdir(link.parent) == ["link.duckdb"]
    assert with_artifacts(file) == [1, 2, 3, 6, 8]


KILLED = """
import os, pathlib, signal, sys
import scoring.shrinking as shrinking
from scoring.cli import main
{at}
main(["--warehouse", sys.argv[1], "prune", "--keep", "1"])
"""
DIE = "os.kill(os.getpid(), signal.SIGKILL)"
MOMENTS = {
    "before the copy is on disk": f"shrinking.sync = lambda path: {DIE}",
    "before the copy takes its place": f"pathlib.Path.replace = lambda *paths: {DIE}",
    "while the artifacts go": f"""
command = sys.modules["scoring.cli.prune"]
remove = command.prune_versions
command.prune_versions = lambda *arguments: (remove(*arguments), {DIE})
""",
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_loses_nothing(file: Path, moment: str) -> None:
    code = KILLED.format(at=MOMENTS[moment])
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert {1, 2, 3, 6, 8} <= {*with_artifacts(file)}
    assert run(file, "prune", "--keep", "1").returncode == 0
    assert with_artifacts(file) == [1, 2, 3, 6, 8]
    assert os.listdir(file.parent) == [file.name]


def test_a_file_in_use_is_left_alone(file: Path) -> None:
    with duckdb.connect(file, read_only=True):
        command = [sys.executable, "-m", "scoring.cli", "--warehouse", str(file), "prune", "--keep", "1"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "locked" in done.stderr and done.stderr.count("\n") == 1
    assert with_artifacts(file) == sorted(AGES)


WRONG = {
    "no versions": (("--keep", "0"), 2, "--keep"),
    "more versions than can be": (("--keep", "9" * 30), 2, "--keep"),
    "one version": (("--model", f"{MODEL}@1", "--keep", "1"), 2, "without a version"),
    "no span": (("--older-than", "soon"), 2, "'180 days'"),
    "no model": (("--model", "gone", "--keep", "1"), 1, "'gone'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_calls_end_in_one_sentence(file: Path, case: str) -> None:
    arguments, code, fact = WRONG[case]
    done = run(file, "prune", *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1) and fact in done.stderr
    assert with_artifacts(file) == sorted(AGES)


BLOCK = {
    "task": "binary",
    "label": "is_late",
    "key": "id",
    "split": {"method": "random", "validation": 0.1, "test": 0.2},
    "params": {"num_iterations": 3},
    "must_beat_constant": False,
}
RETENTION = {"keep": 1, "max_age": "180 days"}
ROWS = "\n".join(f"{number},{number % 7},{int(number % 7 > 3)}" for number in range(60))
SEED = f"id,amount,is_late\n{ROWS}\n"


@pytest.mark.parametrize(
    ("block", "fact"),
    [
        ({}, "ml.retention is {}; it must have keep, max_age or both"),
        ({"keep": 0}, "ml.retention.keep"),
        ({"max_age": "soon"}, "ml.retention.max_age"),
        ({"older": 1}, "ml.retention.older is not a key"),
    ],
)
def test_a_wrong_block_is_rejected(block: dict[str, Any], fact: str) -> None:
    with pytest.raises(scoring.WarehouseMLError, match=fact):
        config.parse({**BLOCK, "retention": block}, model_name="late")


def test_retention_does_not_decide_the_model() -> None:
    assert config.config_hash({**BLOCK, "retention": RETENTION}) == config.config_hash(BLOCK)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("retention")
    made = own_project.make(folder, {"trips": SEED}, {"late": {**BLOCK, "retention": RETENTION}})
    run = made.build("-s", "trips", "late")
    assert run.code == 0, run.output
    return made


def test_a_build_removes_what_the_block_lets_go(project: Project) -> None:
    artifacts = "select version, artifact is not null, pruned_at is null from ml.late order by 1"
    assert project.query(artifacts) == [(1, True, True)]
    # Version 1 stays champion: no challenger can have a log loss below 0.
    own_project.declare(
        project,
        {**BLOCK, "retention": RETENTION, "gates": [{"metric": "log_loss", "max": 0.0}]},
        "select * from {{ ref('trips') }}",
        "late",
    )
    project.build("-s", "late", "--full-refresh")
    run = project.build("-s", "late", "model_versions", "--full-refresh")
    assert "version 2, which never scored, was removed by retention" in run.output, run.output
    assert project.query("select version from ml.decisions order by sequence desc limit 1") == [(1,)]
    assert project.query(artifacts) == [(1, True, True), (2, False, False), (3, True, True)]
    view = "select version, artifact_bytes is null, pruned_at is null from ml.model_versions order by 1"
    assert project.query(view) == [(1, False, True), (2, True, False), (3, False, True)]


def test_training_without_dbt_gives_an_older_table_what_it_lacks(project: Project) -> None:
    with duckdb.connect(project.warehouse) as connection:
        ((newest,),) = connection.sql("select max(version) from ml.late").fetchall()
        for column in ("pruned_at", "pruned_by"):
            connection.execute(f"alter table ml.late drop column {column}")
    call = ["--warehouse", str(project.warehouse), "train", "late", "--project-dir", str(project.folder)]
    main([*call, "--full-refresh"])
    assert project.query("select max(version), max(pruned_at) is null from ml.late") == [(newest + 1, False)]
