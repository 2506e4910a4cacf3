"""Read a CSV file that ships inside an installed Python package, without importing the package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

import pyarrow as pa
from pyarrow import csv

from scoring.errors import PackageDataError

NULL_VALUES = ["", "NA"]


def read_package_csv(package: str, file: str) -> pa.Table:
    """Return the rows of a CSV file in an installed package, every column as text.

    Parameters
    ----------
    package
        Name of the distribution, which is also the folder of its files.
    file
        Path of the file relative to that folder: ``.csv``, or ``.zip`` holding a single CSV file.

    Returns
    -------
    pyarrow.Table
        Text columns in the file's order; an empty field and ``NA`` are null, but not within quotation marks.

    Raises
    ------
    scoring.errors.PackageDataError
        If the package is not installed, has no such file, the archive does not hold a single CSV file, or the
        file cannot be read.
    """
    path = _locate(package, file)
    try:
        with _opened(path) as stream:
            header = csv.open_csv(stream).schema.names
        with _opened(path) as stream:
            return csv.read_csv(
                stream,
                convert_options=csv.ConvertOptions(
                    column_types=dict.fromkeys(header, pa.string()),
                    null_values=NULL_VALUES,
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
    except (pa.ArrowInvalid, BadZipFile) as error:
        raise PackageDataError.unreadable(package, file) from error


def _locate(package: str, file: str) -> Path:
    """Return where the file lies; it must be one that the package declares as its own."""
    try:
        installed: Distribution = distribution(package)
    except PackageNotFoundError as error:
        raise PackageDataError.no_such_package(package) from error
    wanted = f"{package}/{file}"
    shipped = [str(entry) for entry in installed.files or []]
    if wanted not in shipped:
        data = [name.removeprefix(f"{package}/") for name in shipped if name.endswith((".csv", ".zip"))]
        raise PackageDataError.no_such_file(package, file, data)
    return Path(str(installed.locate_file(wanted)))


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes] | Any]:
    """Open a plain or zipped CSV file as a stream of bytes."""
    if path.suffix != ".zip":
        with path.open("rb") as stream:
            yield stream
        return
    with ZipFile(path) as archive:
        members = [
            name for name in archive.namelist() if name.endswith(".csv") and not name.startswith("__MACOSX/")
        ]
        if len(members) != 1:
            raise PackageDataError.not_one_csv(path.name, members)
        with archive.open(members[0]) as stream:
            yield stream
