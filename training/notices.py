"""What is worth a look in data that break no rule: sentences that the version keeps and dbt logs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from scoring.errors import listed
from scoring.signature import Feature
from training.data.prepared_rows import Rows
from training.declared.spec import LARGEST_ALONE
from training.estimators.base import Examples
from training.selection.select import Verdict

MANY_CATEGORIES = 250
"""From this many on, a text feature is worth a notice."""
SOME_CATEGORIES = 10
"""From this many on, text that looks like numbers, dates or times is worth one."""
MOST_CATEGORIES = 10_000
"""More are refused: an estimator learns nothing from values that hardly repeat, and exports a set of each."""

LOOKED_AT = 1_000
"""Categories that are looked at to guess what they are."""
ROWS = 5_000
"""Training rows on which each feature is measured alone."""

GUESSES = (
    (
        r"\s*[+-]?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?\s*",
        "numbers stored as text",
        "cast it to double",
    ),
    (
        r"\s*[+-]?\d{1,3}(,\d{3})+(\.\d+)?\s*",
        "numbers with commas between thousands",
        "turn it into numbers in the query, as in replace(x, ',', '')::double",
    ),
    (
        r"\s*[+-]?\d{1,3}([.]?\d{3})*,\d+\s*|\s*[+-]?\d{1,3}([.]\d{3})+\s*",
        "numbers with a decimal comma or points between thousands",
        "turn it into numbers in the query, as in replace(replace(x, '.', ''), ',', '.')::double",
    ),
    (r"\d{4}-\d{2}-\d{2}([ T].*)?", "dates or timestamps", "cast it to date or timestamp"),
    (
        r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}([ T].*)?",
        "dates",
        "turn it into dates in the query by strptime with the format that it has, such as '%d.%m.%Y'",
    ),
    (r"\d{1,2}:\d{2}(:\d{2})?", "times of day", "turn it into minutes or hours in the query"),
    (
        r"(?=.*[^\d+-])\s*[^\w\s]?\s?[+-]?\d[\d.,'\u2019 ]*\s?[^\w\s]?\s*",
        "numbers with units or separators",
        "remove these in the query and cast the rest to double",
    ),
    (r"\S+(\s+\S+){3,}\s*", "free text", "derive numbers or groups from it, or leave it out"),
)
"""A pattern that nearly all categories match, what they then look like, and what to do."""
WIDE = re.compile(r"\s*[+-]?[1-9]\d{15,}\s*")
WIDE_LOOKS = "whole numbers stored as text, some longer than the 15 digits that a double keeps"
WIDE_REMEDY = "leave it out if it identifies something, else cast it to bigint, hugeint or decimal"
NEARLY_ALL = 0.95

MARGIN = 1.02
"""How many times the loss of the linear baseline a version may have without a word."""


def category_problem(feature: Feature) -> str | None:
    """Return what is wrong with a feature of more than `MOST_CATEGORIES` categories; None for others."""
    count = len(feature.categories)
    if count <= MOST_CATEGORIES:
        return None
    looks, remedy = _guess(feature.categories)
    return (
        f"feature '{feature.name}' has {count:,} categories{looks}; at most {MOST_CATEGORIES:,} are "
        f"accepted; {remedy}."
    )


def notices(rows: Rows, verdicts: Sequence[Verdict]) -> list[str]:
    """Return the sentences about features that were dropped, have many categories or give the label away."""
    dropped = [verdict for verdict in verdicts if not verdict.is_selected]
    said = []
    if dropped:
        names = listed(f"{verdict.feature} ({verdict.reason})" for verdict in dropped)
        said = [f"select_features dropped {len(dropped)} of {len(verdicts)} features: {names}."]
    return [*said, *_of_categories(rows.signature.features), *_of_leaks(rows)]


def beaten_by_linear(task: str, metrics: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a sentence where the linear baseline is clearly better than the version on the test rows."""
    metric = "rmse" if task == "regression" else "log_loss"
    values = {
        entry["predictor"]: entry["value"]
        for entry in metrics
        if entry["metric"] == metric and entry["dataset"] == "test" and entry["slice_column"] is None
    }
    model, linear = values.get("model"), values.get("linear")
    if model is None or linear is None or model <= MARGIN * linear:
        return []
    return [
        f"the linear baseline has a better {metric} on the test rows, {linear:.4g} against {model:.4g}; a "
        "linear estimator may do."
    ]


def _of_categories(features: Sequence[Feature]) -> Iterator[str]:
    for feature in features:
        count = len(feature.categories)
        if count < SOME_CATEGORIES:
            continue
        looks, remedy = _guess(feature.categories)
        if count >= MANY_CATEGORIES or (looks and "free text" not in looks):
            yield f"feature '{feature.name}' is text with {count:,} categories{looks}; {remedy}."


def _guess(categories: Sequence[str]) -> tuple[str, str]:
    """Return what the categories look like, and what to do."""
    step = max(1, len(categories) // LOOKED_AT)
    sample = list(islice(categories, 0, None, step))
    for pattern, looks, remedy in GUESSES:
        if sum(re.fullmatch(pattern, text) is not None for text in sample) >= NEARLY_ALL * len(sample):
            if looks == "numbers stored as text" and any(WIDE.fullmatch(text) for text in sample):
                return f", which look like {WIDE_LOOKS}", WIDE_REMEDY
            return f", which look like {looks}", remedy
    return "", "group rare ones in the query, encode it as numbers, or leave it out"


def _of_leaks(rows: Rows) -> Iterator[str]:
    """Yield the features that predict the label nearly alone, unless the model selects its features."""
    spec = rows.data.spec
    largest = LARGEST_ALONE.get(spec.task)
    if largest is None or spec.selection is not None or rows.data.label is None:
        return
    from training.selection.single_features import alone  # scikit-learn takes long to import

    train = rows.examples("train", rows.data.weight)
    label = rows.data.label[rows.data.parts["train"].slice]
    kept = np.linspace(0, len(label) - 1, min(len(label), ROWS)).astype(np.int64)
    sample = Examples(train.taken(kept).features, label[kept], None)
    if len(np.unique(label[kept])) < 2:  # a rare class that the sample missed
        return
    for position, feature in enumerate(rows.signature.features):
        reached = alone(sample, position, feature, task=spec.task)
        if reached > largest:
            yield (
                f"feature '{feature.name}' alone predicts the label nearly perfectly ({reached:.3f} of 1); "
                "make sure that it is known before the label is, or drop it, as `select_features: true` does."
            )
