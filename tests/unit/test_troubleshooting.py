"""The messages in the last section of docs/guide.md are those that somebody meets, in its order."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE

import duckdb
import made_versions
import pytest
from judged_models import AT_LEAST_70, Model, version

import scoring
from scoring import cli, training_packages
from scoring.errors import WarehouseMLError
from scoring.version import Version
from scoring.warehouse import open_warehouse
from training.train import train

ROOT = Path(__file__).parents[2]
SECTION = (ROOT / "docs/guide.md").read_text().split("## Troubleshooting")[1]
ROWS = re.findall(r"^\| `(.*?)` \| (.*?) \|$", SECTION, re.MULTILINE)
BLOCK = {"task": "binary", "label": "y", "key": "id", "split": {"method": "random", "test": 0.2}}


def trained(query: str, **changes: object) -> str:
    with duckdb.connect() as connection:
        return said(lambda: train(connection.sql(query), model_name="m", config={**BLOCK, **changes}))


def judged(made: Version) -> str:
    with scoring.connect() as connection:
        return Model(connection).build(made, gates=[AT_LEAST_70]).reason


def scored(query: str, *, champion: bool = True) -> str:
    with scoring.connect() as connection:
        made_versions.add(connection, made_versions.made(), champion=champion)
        return said(lambda: connection.sql(query).fetchall())


def said(call: Callable[[], object]) -> str:
    with pytest.raises((WarehouseMLError, duckdb.Error)) as raised:
        call()
    return str(raised.value)


def locked(tmp_path: Path) -> str:
    file = str(tmp_path / "warehouse.duckdb")
    code = f"import duckdb; c = duckdb.connect({file!r}); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=PIPE, stdout=PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        try:
            return said(lambda: open_warehouse(file))
        finally:
            other.communicate(b"\n")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main([*arguments]) == 1
    return capsys.readouterr().err


def without_functions() -> str:
    with duckdb.connect() as connection:
        return said(lambda: connection.sql("select ml_predict('m', {'x': 1})"))


def test_the_page_quotes_the_messages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    late = "select i as id, i % 7 as x, i % 3 = 0 as y from range(600) as rows (i)"
    row = "select ml_predict('m', {'x': 1.0, 'y': 2.0})"
    metrics = [made_versions.measured("brier", 0.25), made_versions.measured("brier", 0.2, "constant")]
    with duckdb.connect(str(tmp_path / "empty.duckdb")):
        pass
    empty, nothing = str(tmp_path / "empty.duckdb"), str(tmp_path / "nothing")
    messages = [
        judged(version(1, 0.6)),
        judged(version(1, 0.9, *metrics)),
        trained(late, label=None, key="nobody", metric="x"),
        trained(late.replace("i as id", "i % 5 as id")),
        trained(late.replace("i % 3 = 0", "true")),
        (ROOT / "macros/project/_check_plugin.sql").read_text(),
        scored(row, champion=False),
        scored(row.replace("'m'", "'n'")),
        scored(row.replace(", 'y': 2.0", "")),
        scored(row.replace("2.0", "'2'")),
        locked(tmp_path),
        printed(capsys, "--warehouse", nothing, "models"),
        printed(capsys, "--warehouse", empty, "train", "--project-dir", str(tmp_path)),
        said(lambda: training_packages.load("nothing", "train")),
        without_functions(),
    ]
    assert len(ROWS) == len(messages)
    for (quoted, remedy), message in zip(ROWS, messages, strict=True):
        pattern = ".*".join(map(re.escape, quoted.split("…")))
        assert re.search(pattern, message), f"{quoted!r} is not in: {message}"
        assert remedy
