from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from scoring.errors import PackageDataError
from scoring.package_data import read_package_csv

CSV = 'code,count,note\nA,1,NA\nB,,"x, y"\n"NA","",\n'


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installed distribution ``rawdata`` whose import would fail."""
    folder = tmp_path / "rawdata"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise ImportError('must not be imported')")
    (folder / "plain.csv").write_text(CSV)
    for name, members in {"one.csv.zip": ["one.csv"], "two.zip": ["one.csv", "two.csv"]}.items():
        with ZipFile(folder / name, "w") as archive:
            for member in members:
                archive.writestr(member, CSV)
    (folder / "undeclared.csv").write_text(CSV)
    (folder / "ragged.csv").write_text("name,age\nAnn\n")
    (folder / "empty.csv").write_text("")
    (folder / "no.zip").write_text("no archive")
    information = tmp_path / "rawdata-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: rawdata\nVersion: 1.0\n")
    declared = ["__init__.py", "plain.csv", "one.csv.zip", "two.zip", "ragged.csv", "empty.csv", "no.zip"]
    (information / "RECORD").write_text("".join(f"rawdata/{name},,\n" for name in declared))
    monkeypatch.syspath_prepend(str(tmp_path))
    yield


@pytest.mark.parametrize("file", ["plain.csv", "one.csv.zip"])
def test_every_column_is_text_and_na_is_null(file: str) -> None:
    table = read_package_csv("rawdata", file)
    assert [str(field.type) for field in table.schema] == ["string"] * 3
    assert table.to_pydict() == {
        "code": ["A", "B", "NA"],
        "count": ["1", None, ""],
        "note": [None, "x, y", None],
    }


@pytest.mark.parametrize(
    ("package_name", "file", "message"),
    [
        ("no-such-package", "plain.csv", "'no-such-package' is not installed: .*meta key 'package'"),
        (
            "rawdata",
            "plane.csv",
            r"ships no file 'plane.csv'.*found 'plain.csv', .*Did you mean 'plain.csv'\?",
        ),
        ("rawdata", "undeclared.csv", "ships no file 'undeclared.csv'"),
        ("rawdata", "../secret.csv", "ships no file '../secret.csv'"),
        ("rawdata", "two.zip", "'two.zip' must hold exactly one CSV file, but it holds 'one.csv', 'two.csv'"),
    ],
)
def test_what_is_missing_is_reported(package_name: str, file: str, message: str) -> None:
    with pytest.raises(PackageDataError, match=message):
        read_package_csv(package_name, file)


@pytest.mark.parametrize("file", ["ragged.csv", "empty.csv", "no.zip"])
def test_file_that_is_no_csv_is_named_and_not_quoted(file: str) -> None:
    with pytest.raises(PackageDataError, match=f"'{file}' of Python package 'rawdata'") as error:
        read_package_csv("rawdata", file)
    assert "Ann" not in str(error.value)
