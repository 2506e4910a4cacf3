import platform
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from made_versions import XY, made, measured

from scoring.digests import DECIDING, DIGEST
from scoring.registry import VERSION_SCHEMA
from scoring.version import Version
from training import version
from training.version import code_version, library_versions, new_version, peak_memory_bytes


def test_version_survives_its_row() -> None:
    assert {part.name for part in fields(Version)} == {*VERSION_SCHEMA.names}
    version = made(slices=["region"], metrics=[measured("rmse", 0.5)], notices=["a notice"])
    row = version.to_row()
    assert row.schema == VERSION_SCHEMA
    (digest,) = row.column(DIGEST).to_pylist()
    assert len(digest) == 64
    again = Version.from_row(row)
    assert again.to_row() == row
    assert again == replace(version, signature=again.signature, scoring_sha256=digest)
    assert again.signature_value == version.signature_value == XY


def test_columns_that_a_table_lacks_are_null() -> None:
    row = made(notices=["a notice"]).to_row().drop_columns(["notices", DIGEST])
    version = Version.from_row(row)
    assert (version.notices, version.scoring_sha256) == (None, None)


@pytest.mark.parametrize("column", DECIDING)
def test_digest_is_another_where_what_decides_is(column: str) -> None:
    values = {"native_model": "text", "sql_form": {"raw_score": "1e0", "prediction": "raw_score"}}
    others = {"signature": {**made().signature, "classes": ["no", "yes"]}, "sql_form": None, "task": "binary"}
    version = made(**values)
    other = replace(version, **{column: others.get(column, "other")})
    assert version.to_row().column(DIGEST) != other.to_row().column(DIGEST)


def test_new_version_tells_what_made_it() -> None:
    version = new_version(
        model_name="m", version=1, task="regression", signature={}, artifact=b"", artifact_sha256=""
    )
    assert version.code_version == code_version()
    assert version.created_at is not None and version.peak_memory_bytes is not None
    with pytest.raises(TypeError, match="colour"):
        new_version(colour=1)


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
    versions = {entry["name"]: entry["version"] for entry in library_versions()}
    assert versions["python"] == platform.python_version()
    assert {"duckdb", "lightgbm", "onnx", "onnxruntime", "numpy", "scikit-learn"} <= versions.keys()
    assert peak_memory_bytes() > 10_000_000
