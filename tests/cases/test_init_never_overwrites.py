"""`warehouse-ml init` and `package` write all of their files or none, and never in the place of another."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from scoring import installed_package
from scoring.cli import main
from scoring.projects import writing
from scoring.projects.csv_tables import read_csv_file
from scoring.projects.profile import Profile

CSV = "id,x,kind,label\n" + "".join(f"{n},{n * 7 % 11},{'abc'[n % 3]},{n % 2}\n" for n in range(100))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.csv"
    path.write_text(CSV)
    return path


def contents(folder: Path) -> dict[str, bytes | str]:
    return {
        str(path.relative_to(folder)): os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


@pytest.mark.parametrize(
    "taken", ["dbt_project.yml", "models/ml/shop_label.sql", ".gitignore", ".warehouse_ml"]
)
def test_a_file_in_the_way_is_named_and_nothing_is_written(
    file: Path, taken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = file.parent / "made"
    (folder / taken).parent.mkdir(parents=True)
    (folder / taken).write_text("mine")
    before = contents(file.parent)
    assert main(["init", str(file), str(folder), "--yes", "--no-build", "--name", "shop_label"]) == 1
    assert taken in capsys.readouterr().err
    assert contents(file.parent) == before


def test_a_folder_with_other_files_keeps_them(file: Path) -> None:
    assert main(["init", str(file), str(file.parent), "--yes", "--no-build"]) == 0
    assert file.read_text() == CSV == (file.parent / "seeds/shop.csv").read_text()
    assert main(["init", str(file), str(file.parent), "--yes", "--no-build"]) == 1


def test_a_file_in_the_place_of_the_folder_is_an_error(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(file), str(file), "--yes", "--no-build"]) == 1
    assert "not a folder" in capsys.readouterr().err


def test_what_was_written_is_removed_where_the_rest_cannot_be(file: Path) -> None:
    seed = read_csv_file(file)
    file.unlink()  # gone since it was looked at
    folder = file.parent / "new/made"
    with pytest.raises(FileNotFoundError):
        writing.write(folder, {"a.txt": "a", "models/b.txt": "b"}, {"seeds/shop.csv": seed})
    assert list(file.parent.iterdir()) == []


def test_of_two_at_once_one_wins(file: Path) -> None:
    commands = [
        [
            sys.executable,
            "-m",
            "scoring.cli",
            "init",
            str(file),
            "made",
            "--yes",
            "--no-build",
            "--name",
            name,
        ]
        for name in ("first", "second")
    ]
    running = [
        subprocess.Popen(command, cwd=file.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for command in commands
    ]
    outcomes = [(process.communicate()[1], process.returncode) for process in running]
    assert sorted(code for _, code in outcomes) == [0, 1], outcomes
    winner = ("first", "second")[[code for _, code in outcomes].index(0)]
    made = file.parent / "made"
    assert [path.name for path in (made / "models/ml").iterdir()] == [f"{winner}.sql"]
    assert not list(made.glob(".warehouse-ml-*"))


def test_questions_have_the_proposal_as_the_answer_to_take(file: Path) -> None:
    def answer(*lines: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "scoring.cli", "init", str(file), "made", "--no-build"],
            cwd=file.parent,
            input="".join(f"{line}\n" for line in lines),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    code, printed = answer("nothing", "label", "", "", "none")  # and then the input ends
    assert code == 130 and "there is no column nothing" in printed and not (file.parent / "made").exists()
    code, printed = answer("", "", "none", "", "coin", "no")
    assert code == 130 and not (file.parent / "made").exists()
    code, printed = answer("", "", "none", "", "coin", "")
    assert code == 0, printed
    assert "row_key" in (file.parent / "made/models/coin.yml").read_text()


def test_the_link_is_renewed_and_nothing_else_is_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["package", "--project-dir", str(tmp_path)]
    assert main(arguments) == 1 and "no dbt project" in capsys.readouterr().err
    (tmp_path / "dbt_project.yml").write_text("name: mine\n")
    link = tmp_path / ".warehouse_ml"
    link.symlink_to("/gone")
    assert main(arguments) == 0
    assert link.resolve() == installed_package.folder()
    link.unlink()
    link.write_text("mine")
    assert main(arguments) == 1 and link.read_text() == "mine"


@pytest.mark.parametrize("name", ["shop", "decisions", "personal_data", "champions", "drift", "quarantine"])
def test_a_name_that_the_table_or_the_package_has_is_taken(
    file: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(file.parent)
    assert main(["init", str(file), str(file.parent / "made"), "--yes", "--no-build", "--name", name]) == 1
    assert f"The name {name} is taken by" in capsys.readouterr().err
    assert contents(file.parent) == before


def test_an_interrupt_while_it_looks_writes_nothing_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    init = importlib.import_module("scoring.cli.init")  # whose name the command has, too
    look = init.look

    def interrupted(connection: duckdb.DuckDBPyConnection) -> Profile:
        signal.raise_signal(signal.SIGINT)
        return look(connection)

    monkeypatch.setattr(init, "look", interrupted)
    # What a shell starts in the background ignores interrupts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    (tmp_path / "few.csv").write_text("x,label\n" + "".join(f"{n % 17},{n % 2}\n" for n in range(60)))
    code = main(["init", str(tmp_path / "few.csv"), str(tmp_path / "made"), "--yes", "--no-build"])
    signal.signal(signal.SIGINT, before)
    assert code == 130
    assert capsys.readouterr().err == "\nInterrupted: nothing was written.\n"
    assert not (tmp_path / "made").exists()
