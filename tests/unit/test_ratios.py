"""The table of the benchmarks' ratios reports what has become slower beside its peer since the last release."""

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
RECORD = (
    "import sys; from ratios import record; record('work', [float(sys.argv[1])] * 3, 'duckdb', [2.0] * 3)"
)


class Benchmarks:
    """A folder with the module alone, so that its files lie there too."""

    def __init__(self, folder: Path) -> None:
        self.module = folder / "benchmarks" / "ratios.py"
        self.module.parent.mkdir()
        shutil.copy(BENCHMARKS / "ratios.py", self.module)
        self.module.with_name("last_release.json").write_text('{"full": [], "short": []}')

    def run(self, *arguments: str) -> tuple[int, str]:
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, cwd=self.module.parent, env={"BENCHMARK": "short"}, capture_output=True, text=True
        )
        assert done.stderr == ""
        return done.returncode, done.stdout

    def record(self, seconds: float) -> None:
        assert self.run("-c", RECORD, str(seconds)) == (0, "")


@pytest.fixture
def benchmarks(tmp_path: Path) -> Benchmarks:
    """Return benchmarks whose kept ratio is 3.0 / 2.0."""
    benchmarks = Benchmarks(tmp_path)
    benchmarks.record(3.0)
    assert benchmarks.run("ratios.py", "--keep") == (0, "")
    return benchmarks


@pytest.mark.parametrize("seconds", [3.0, 3.8])
def test_a_ratio_as_kept_or_a_little_larger_is_no_regression(benchmarks: Benchmarks, seconds: float) -> None:
    benchmarks.record(seconds)
    code, printed = benchmarks.run("ratios.py")
    assert code == 0
    assert "times the last" not in printed


def test_a_ratio_1_3_times_the_kept_one_is_marked_and_the_exit_code_is_1(benchmarks: Benchmarks) -> None:
    benchmarks.record(3.9)
    code, printed = benchmarks.run("ratios.py")
    assert code == 1
    assert "1.30 times the last" in printed


def test_the_table_has_the_peer_its_version_and_both_ratios(benchmarks: Benchmarks) -> None:
    benchmarks.record(3.2)
    _, printed = benchmarks.run("ratios.py")
    assert re.search(r"work +3\.200s +duckdb 1\.\d+\.\d+ +2\.000s +1\.600 +1\.5", printed)


def test_ratios_of_fewer_rows_are_kept_apart(benchmarks: Benchmarks) -> None:
    kept = json.loads(benchmarks.module.with_name("last_release.json").read_text())
    assert {form: [one["ratio"] for one in records] for form, records in kept.items()} == {
        "full": [],
        "short": [1.5],
    }


def test_a_ratio_that_was_kept_and_not_measured_is_named(benchmarks: Benchmarks) -> None:
    (benchmarks.module.parents[1] / "target" / "ratios_short.json").write_text("[]")
    code, printed = benchmarks.run("ratios.py")
    assert code == 0
    assert "work, duckdb: " in printed


def test_every_ratio_kept_for_the_last_release_is_one_that_a_script_records() -> None:
    recorded = list(names_in_scripts())
    kept = json.loads((BENCHMARKS / "last_release.json").read_text())
    assert set(kept) == {"full", "short"}
    names = {f"{one['work']}, {one['peer']}" for records in kept.values() for one in records}
    assert [name for name in names if not any(re.fullmatch(pattern, name) for pattern in recorded)] == []


def names_in_scripts() -> Iterator[str]:
    """Yield work and peer of each call of ``record`` as a pattern: an f-string's fields stand for one word."""
    for script in BENCHMARKS.glob("*.py"):
        for call in ast.walk(ast.parse(script.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "record":
                work, _, peer, _ = call.args
                yield f"{pattern(work)}, {pattern(peer)}"


def pattern(text: ast.expr) -> str:
    if isinstance(text, ast.JoinedStr):
        return "".join(
            r"\w+" if isinstance(part, ast.FormattedValue) else pattern(part) for part in text.values
        )
    return re.escape(ast.literal_eval(text))
