"""On Windows, `import scoring` (which dbt's plugin and the command line begin with) says what to do instead."""

from __future__ import annotations

import subprocess
import sys

import pytest

WINDOWS = "import sys; sys.platform = 'win32'; "


@pytest.mark.parametrize("module", ["scoring", "scoring.plugin", "scoring.cli"])
def test_windows_is_named_with_what_to_do(module: str) -> None:
    code = f"{WINDOWS}import {module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith("ImportError: warehouse-ml runs on Linux and macOS")
    assert "Windows Subsystem for Linux" in last
