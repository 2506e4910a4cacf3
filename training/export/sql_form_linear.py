"""Linear models to SQL: weighted sums of prepared columns, added from the first to the last.

The preparation is that of `training.export.preprocessing` for numbers that are scaled. Where a category
has one column per level that is 1 in its rows, its form has one weight per level.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scoring.signature import Signature
from training.export.preprocessing import FURTHEST, LARGEST_DOUBLE, Category, Preprocessing
from training.export.sql_form import LARGEST_FORM, SqlForm, logistic, number
from training.export.sql_form_columns import SqlColumns
from training.export.steps import Steps
from training.sql import text

Values = NDArray[np.float64]


def sql_form(
    preprocessing: Preprocessing | Steps,
    weights: Values,
    intercept: float,
    *,
    signature: Signature,
    task: str,
) -> SqlForm | None:
    """Return the model in SQL; None if it is too large.

    Parameters
    ----------
    preprocessing
        What was fitted before the model.
    weights, intercept
        Of one weighted sum; weights have the shape ``(prepared columns,)``.
    signature
        The features.
    task
        Binary or regression.
    """
    columns = SqlColumns.of(signature)
    terms = [
        f"{number(weights[index])} * {_prepared(preprocessing, index, columns)}"
        for index in range(len(preprocessing.numbers))
        if weights[index]
    ]
    start = len(preprocessing.numbers)
    for category in preprocessing.categories:
        stop = start + category.table.shape[1]
        terms.append(_weight(category, category.table @ weights[start:stop], columns))
        start = stop
    total = f"list_sum([{', '.join([*terms, '0e0'])}]) + {number(intercept)}"
    raw = columns.whole(f"({total})")
    prediction = logistic("raw_score") if task == "binary" else "raw_score"
    return SqlForm(raw, prediction) if len(raw) <= LARGEST_FORM else None


def _prepared(preprocessing: Preprocessing | Steps, index: int, columns: SqlColumns) -> str:
    if isinstance(preprocessing, Steps):
        return _stepped(preprocessing, index, columns)
    return _scaled(preprocessing, index, columns)


def _scaled(preprocessing: Preprocessing, index: int, columns: SqlColumns) -> str:
    """Return a number as the model takes it: the median where missing or infinite, and scaled."""
    column = int(preprocessing.numbers[index])
    value, median = columns.number(column), number(preprocessing.medians[index])
    replacement = columns.replacement(column)
    missing = median
    infinite = ""
    if replacement is not None:
        missing = number(replacement)
        infinite = f"when {value} between '-inf'::double and 'inf'::double then {median} "
    filled = f"case when abs({value}) <= {number(LARGEST_DOUBLE)} then {value} {infinite}else {missing} end"
    scaled = f"({filled} - {number(preprocessing.means[index])}) / {number(preprocessing.scales[index])}"
    return f"least(greatest({scaled}, {number(-FURTHEST)}), {number(FURTHEST)})"


def _stepped(steps: Steps, index: int, columns: SqlColumns) -> str:
    """Return a number as the user's own steps prepare it."""
    value, replacement = columns.number(index), columns.replacement(index)
    if replacement is not None:
        value = f"coalesce(nullif({value}, 'nan'::double), {number(replacement)})"
    return steps.in_sql(index, value)


def _weight(category: Category, weights: Values, columns: SqlColumns) -> str:
    """Return the weight of a category; ``weights`` are those of its codes, and last of a missing one."""

    def weight(code: float | None) -> str:
        place = (
            len(weights) - 1 if code is None else int(np.clip(code - category.lowest, 0, len(weights) - 1))
        )
        return number(weights[place])

    codes = range(category.lowest, category.lowest + len(weights) - 1)
    feature = columns.source(category.column)
    if category.column >= columns.instants.features:
        whens = " ".join(f"when {number(code)} then {weight(code)}" for code in codes)
        missing = weight(columns.replacement(category.column))
        return f"case {columns.number(category.column)} {whens} else {missing} end"
    name = columns.text(category.column)
    whens = " ".join(f"when {text(feature.categories[code])} then {weight(code)}" for code in codes)
    null, unseen = weight(feature.null_value), weight(feature.unseen_value)
    by_level = f"case {name} {whens} else {unseen} end" if whens else unseen
    return by_level if null == unseen else f"case when {name} is null then {null} else {by_level} end"
