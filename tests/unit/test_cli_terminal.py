import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pyarrow as pa
import pytest
from command_line import make_warehouse


@pytest.mark.parametrize(("source", "bar"), [("raw.rows", "0.00/600 "), ("rows.csv", "0.00 rows ")])
def test_progress_is_shown_on_a_terminal(
    tmp_path: Path, trained: pa.Table, binary_sql: str, source: str, bar: str
) -> None:
    file = make_warehouse(tmp_path / "w.duckdb", trained, binary_sql)
    (tmp_path / "rows.csv").write_text("id,amount,visits,region,price\n1,2,3,north,4\n")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    arguments = ["--model", "late", "--input", source, "--output", "scored.csv", "--warehouse", file.name]
    command = [sys.executable, "-m", "scoring.cli", "score", *arguments]
    subprocess.run(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=theirs, check=True)
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert bar in shown
