"""Write the files of a project: all of them, or none; and none in the place of another."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import mkdtemp

from scoring.errors import ProjectError
from scoring.projects.csv_tables import CsvFile


def check(folder: Path, paths: Iterable[str]) -> None:
    """Check that files can be written into a folder.

    Raises
    ------
    scoring.errors.ProjectError
        If any of them is there already, or the folder or its parent is a file.
    """
    for place in (folder, *folder.parents):
        if place.exists() and not place.is_dir():
            raise ProjectError.not_a_folder(str(place))
    taken = [path for path in paths if (folder / path).exists() or (folder / path).is_symlink()]
    if taken:
        raise ProjectError.exists(str(folder), taken)


def write(folder: Path, texts: Mapping[str, str], seeds: Mapping[str, CsvFile]) -> None:
    """Write files into a folder, which is made if it is not there.

    They are written into a hidden folder beside, and moved when all of them are whole. What was moved is removed
    again if one cannot be.

    Parameters
    ----------
    texts
        The text of each file, by path.
    seeds
        The CSV file that each seed is written from, by path.

    Raises
    ------
    scoring.errors.ProjectError
        If any of them is there already.
    """
    check(folder, [*texts, *seeds])
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    staged = Path(mkdtemp(prefix=".warehouse-ml-", dir=folder))
    moved: list[Path] = []
    try:
        for path, text in texts.items():
            _parent(staged / path).write_text(text, encoding="utf-8")
        for path, seed in seeds.items():
            seed.write_to(_parent(staged / path))
        for path in (*texts, *seeds):
            target = folder / path
            made += [place for place in target.parents if not place.exists()]
            target.parent.mkdir(parents=True, exist_ok=True)
            _move(staged / path, target)
            moved.append(target)
    except BaseException as error:
        for target in moved:
            target.unlink(missing_ok=True)
        shutil.rmtree(staged, ignore_errors=True)
        for place in sorted(set(made), key=lambda place: len(place.parts), reverse=True):
            if place.is_dir() and not any(place.iterdir()):
                place.rmdir()
        if isinstance(error, FileExistsError):
            raise ProjectError.exists(str(folder), [str(error.filename2 or error.filename)]) from error
        raise
    shutil.rmtree(staged)


def _parent(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _move(source: Path, target: Path) -> None:
    """Move a file; unlike a rename, never into the place of another."""
    try:
        target.hardlink_to(source)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        with source.open("rb") as whole, target.open("xb") as copy:
            shutil.copyfileobj(whole, copy)
