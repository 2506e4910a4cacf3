import platform
import re
from pathlib import Path

import pytest

from scoring.registry import VERSION_SCHEMA
from training import version
from training.version import code_version, library_versions, peak_memory_bytes, version_row

FILLED_IN = {"created_at", "code_version", "library_versions", "peak_memory_bytes", "tuning_trials"}


def test_row_has_every_column_and_no_other() -> None:
    rest = dict.fromkeys(set(VERSION_SCHEMA.names) - FILLED_IN)
    row = version_row(**rest)
    assert row.schema == VERSION_SCHEMA
    assert row.column("tuning_trials").to_pylist() == [[]]
    with pytest.raises(TypeError, match="colour"):
        version_row(**rest, colour=1)


def test_code_version_is_release_and_digest_of_the_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    assert re.fullmatch(r".+\+[0-9a-f]{12}", code_version())
    monkeypatch.setattr(version, "PACKAGES", ("scoring",))
    assert code_version.__wrapped__() != code_version()
    monkeypatch.setattr(version, "DISTRIBUTION", "no-such-distribution")
    assert code_version.__wrapped__().startswith("unreleased+")


def test_code_version_changes_with_any_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(version, "__file__", str(tmp_path / "training" / "version.py"))
    seen = set()
    for name, text in (("scoring/a.py", ""), ("scoring/a.py", "1"), ("training/estimators/b.py", "1")):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        seen.add(code_version.__wrapped__())
    assert len(seen) == 3


def test_libraries_and_memory_are_recorded() -> None:
    found = {entry["name"]: entry["version"] for entry in library_versions()}
    assert found["python"] == platform.python_version()
    assert {"duckdb", "lightgbm", "onnx", "onnxruntime", "numpy", "scikit-learn"} <= found.keys()
    assert peak_memory_bytes() > 10_000_000
