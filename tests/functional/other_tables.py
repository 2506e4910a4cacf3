"""CSV files to point the starter at: scikit-learn's data sets, and a table as a spreadsheet has it."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sklearn import datasets


@dataclass(frozen=True)
class Table:
    """The text of a CSV file, and what is to be predicted from it; the metric must be on the better side of enough."""

    text: str
    task: str
    label: str
    key: str
    metric: str
    enough: float
    rest: str = ""
    """More keys of the block, as YAML in flow style."""


def other_tables() -> dict[str, Table]:
    """Return the tables by name."""
    return {
        "iris": _bundled("iris", "multiclass", "species", "accuracy", 0.9),
        "wine": _bundled("wine", "multiclass", "cultivar", "accuracy", 0.9),
        "breast_cancer": _bundled("breast_cancer", "binary", "is_benign", "roc_auc", 0.97),
        "diabetes": _bundled("diabetes", "regression", "progression", "r2", 0.35),
        "digits": _bundled("digits", "multiclass", "digit", "accuracy", 0.9),
        "spreadsheet": Table(
            _spreadsheet(), "binary", 'Came "again"?', "Visit №", "roc_auc", 0.9, ", positive: ja"
        ),
    }


def _bundled(name: str, task: str, label: str, metric: str, enough: float) -> Table:
    """Return a data set with its own column names, such as sepal length (cm), and the names of its classes."""
    data = getattr(datasets, f"load_{name}")()
    names = data.target_names if task == "multiclass" else None
    targets = [names[target] if names is not None else target for target in data.target.tolist()]
    header = [f"{name}_id", *data.feature_names, label]
    rows = zip(range(len(targets)), data.data.tolist(), targets, strict=True)
    return Table(
        _csv(header, ([number, *values, target] for number, values, target in rows)),
        task,
        label,
        f"{name}_id",
        metric,
        enough,
    )


def _spreadsheet() -> str:
    """Return visits to a shop: text with commas and quotes, dates, nulls, and names that SQL must quote."""
    draw = random.Random(8)
    towns = ('Zürich, "Kreis 4"', "Genève", "O'Fallon", "")
    rows = []
    for number in range(400):
        height = "" if draw.random() < 0.1 else round(draw.uniform(150, 200), 1)
        town = towns[int(draw.random() * 4)]
        first = "" if draw.random() < 0.1 else date(2024, 1, 1) + timedelta(days=int(draw.random() * 500))
        is_good = (town == "Genève") or (height != "" and height > 185) or first == ""
        comes = "ja" if draw.random() < (0.95 if is_good else 0.05) else "nein"
        rows.append([number, height, town, first, draw.choice(("x", "y", "")), comes])
    return _csv(
        ["Visit №", "Größe, in cm", "select", "first visit", "Kommentar des Kunden\\", 'Came "again"?'], rows
    )


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([header, *rows])
    return written.getvalue()
