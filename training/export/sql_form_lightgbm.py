"""LightGBM to SQL: every tree a nested ``case``, their values added in the order in which LightGBM adds them.

What zero, missing values and categories mean is explained in `training.export.lightgbm`. No condition is null:
where a number is missing, a split reads one that is less or greater than all others, by where it goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import lightgbm
import numpy as np

from scoring.signature import Signature
from training.export.lightgbm import moved_from_zero
from training.export.lightgbm_columns import ZERO, zero_is_missing
from training.export.lightgbm_link import Link, link
from training.export.lightgbm_trees import MISSING_NAN, Tree, read
from training.export.sql_form import LARGEST_FORM, SqlForm, logistic, number
from training.export.sql_form_columns import SqlColumns

ABOVE_ZERO, BELOW_ZERO = float(np.nextafter(ZERO, np.inf)), float(np.nextafter(-ZERO, -np.inf))


def sql_form(booster: lightgbm.Booster, signature: Signature) -> SqlForm | None:
    """Return the booster in SQL; None if it has several classes or is too large.

    Parameters
    ----------
    booster
        A booster that was trained on the expanded matrix of the signature's instants.
    signature
        The features.
    """
    model = read(booster)
    if model.targets > 1:
        return None
    columns = SqlColumns.of(signature)
    trees: list[str] = []
    size = 0
    for tree in model.trees:
        written = _tree(tree, columns, LARGEST_FORM - size)
        if written is None:
            return None
        trees.append(written)
        size += len(written)
    raw = columns.whole(f"list_sum([{', '.join(trees)}])" if trees else number(0.0))
    return SqlForm(raw, _prediction(link(model))) if len(raw) <= LARGEST_FORM else None


def _tree(tree: Tree, columns: SqlColumns, room: int) -> str | None:
    """Return a tree as an expression; None if it has more characters than there is room."""
    if not len(tree.feature):
        return number(tree.leaves[0])
    splits = _Splits(tree, columns)
    nodes = {-1 - leaf: _Case("", number(value)) for leaf, value in enumerate(tree.leaves.tolist())}
    for split in reversed(range(len(tree.feature))):  # a split comes before those below it
        left, right = nodes.pop(int(tree.left[split])), nodes.pop(int(tree.right[split]))
        nodes[split] = splits.case(split, left, right)
        if len(nodes[split].branches) > room:
            return None
    return nodes[0].text


class _Case(NamedTuple):
    """A part of a tree: ``case`` with its branches and what is left after them, or a value alone."""

    branches: str
    otherwise: str

    @property
    def text(self) -> str:
        return f"case{self.branches} else {self.otherwise} end" if self.branches else self.otherwise


@dataclass(frozen=True)
class _Splits:
    tree: Tree
    columns: SqlColumns

    @cached_property
    def thresholds(self) -> list[float]:
        """The threshold of each split."""
        return [float(one) for one in moved_from_zero(self.tree.threshold)]

    @cached_property
    def zero_is_missing(self) -> list[bool]:
        """Whether zero goes the default way, by split."""
        return [bool(one) for one in zero_is_missing(self.tree)]

    def case(self, split: int, left: _Case, right: _Case) -> _Case:
        """Return a split with what comes of going left and going right.

        The longer of the two goes on in the same ``case``: DuckDB plans fewer expressions, and copies the results of
        each ``case`` into the one around it.
        """
        goes_left, goes_right = self._conditions(split)
        if len(left.branches) > len(right.branches):
            return _Case(f" when {goes_right} then {right.text}{left.branches}", left.otherwise)
        return _Case(f" when {goes_left} then {left.text}{right.branches}", right.otherwise)

    def _conditions(self, split: int) -> tuple[str, str]:
        """Return the condition of going left, and that of going right."""
        if self.tree.categorical[split]:
            return self._of_category(split)
        column = int(self.tree.feature[split])
        threshold, zero = self.thresholds[split], self.zero_is_missing[split]
        default_left = bool(self.tree.default_left[split])
        parts = _left(threshold, zero, default_left)
        replacement = self.columns.replacement(column)
        if replacement is not None:
            missing_left = any(low <= replacement <= high for low, high in parts)
        elif zero or self.tree.missing[split] == MISSING_NAN:
            missing_left = default_left
        else:
            missing_left = threshold >= 0
        value = (
            self.columns.least_if_missing(column)
            if missing_left
            else self.columns.greatest_if_missing(column)
        )
        if len(parts) == 1:
            return f"{value} <= {number(threshold)}", f"{value} > {number(threshold)}"
        among = " or ".join(_within(value, part) for part in parts)
        return among, f"not ({among})"

    def _of_category(self, split: int) -> tuple[str, str]:
        column = int(self.tree.feature[split])
        feature = self.columns.source(column)
        place = int(self.tree.categorical[: split + 1].sum()) - 1
        members = set(self.tree.members[place].tolist())
        null_left = feature.null_value in members
        unseen_left = feature.unseen_value in members
        # Of the categories, those that go the way that unseen ones do not go.
        listed = [code for code in range(len(feature.categories)) if (code in members) is not unseen_left]
        is_listed, is_other = self.columns.is_among(column, listed, null=null_left is not unseen_left)
        return (is_other, is_listed) if unseen_left else (is_listed, is_other)


Range = tuple[float, float]
"""The numbers from one to another, both included."""


def _left(threshold: float, zero: bool, default_left: bool) -> list[Range]:
    """Return the numbers that go left, in order; ``zero``: whether zero goes the default way."""
    parts = [(-np.inf, threshold)]
    if zero and default_left and threshold < 0:
        parts.append((-ZERO, ZERO))
    if zero and not default_left and threshold >= 0:
        parts = [(-np.inf, BELOW_ZERO), (ABOVE_ZERO, threshold)]
    return [part for part in parts if part[0] <= part[1]]


def _within(value: str, part: Range) -> str:
    """Return the condition that a value is in a range."""
    low, high = part
    if low == -np.inf:
        return f"{value} <= {number(high)}"
    return f"{value} between {number(low)} and {number(high)}"


def _prediction(model_link: Link) -> str:
    """Return what the link makes of ``raw_score``."""
    mean = "raw_score" if model_link.divisor == 1 else f"raw_score / {number(model_link.divisor)}"
    match model_link.function:
        case "identity":
            return mean
        case "signed_square":
            return f"list_transform([{mean}], lambda mean: abs(mean) * mean)[1]"
        case "exp":
            return f"exp({mean})"
        case _:
            return logistic(mean, model_link.factor)
