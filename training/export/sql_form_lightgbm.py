"""LightGBM to SQL: every tree a nested ``case``, their values added in the order in which LightGBM adds them.

What zero, missing values and categories mean is explained in `training.export.lightgbm`. A condition that is
null, as one on a missing value is, takes the second branch: where missing values go left, the condition tells what
goes right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import lightgbm
import numpy as np

from scoring.signature import Signature
from training.export.lightgbm import moved_from_zero
from training.export.lightgbm_columns import ZERO, zero_is_missing
from training.export.lightgbm_link import Link, link
from training.export.lightgbm_trees import MISSING_NAN, Tree, read
from training.export.sql_form import DEEPEST, LARGEST_FORM, SqlForm, logistic, number
from training.export.sql_form_columns import SqlColumns

ABOVE_ZERO, BELOW_ZERO = float(np.nextafter(ZERO, np.inf)), float(np.nextafter(-ZERO, -np.inf))


def sql_form(booster: lightgbm.Booster, signature: Signature) -> SqlForm | None:
    """Return the booster in SQL; None if it has several classes or is too large or too deep.

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
    """Return a tree as an expression; None if it has more characters than there is room, or is too deep."""
    if not len(tree.feature):
        return number(tree.leaves[0])
    splits = _Splits(tree, columns)
    texts: dict[int, str] = {-1 - leaf: number(value) for leaf, value in enumerate(tree.leaves.tolist())}
    depths = dict.fromkeys(texts, 0)
    for split in reversed(range(len(tree.feature))):  # a split comes before those below it
        left, right = int(tree.left[split]), int(tree.right[split])
        depths[split] = 1 + max(depths[left], depths[right])
        texts[split] = splits.text(split, texts.pop(left), texts.pop(right))
        if depths[split] > DEEPEST or len(texts[split]) > room:
            return None
    return texts[0]


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

    def text(self, split: int, left: str, right: str) -> str:
        """Return a split with what comes of going left and going right."""
        if self.tree.categorical[split]:
            return self._by_category(split, left, right)
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
        value = self.columns.number(column)
        if missing_left:
            return _case(_within(value, _rest(parts)), right, left)
        return _case(_within(value, parts), left, right)

    def _by_category(self, split: int, left: str, right: str) -> str:
        column = int(self.tree.feature[split])
        feature = self.columns.source(column)
        place = int(self.tree.categorical[: split + 1].sum()) - 1
        members = set(self.tree.members[place].tolist())
        null_left = feature.null_value in members
        unseen_left = feature.unseen_value in members
        # Of the categories, those that go the way that unseen ones do not go.
        listed = [code for code in range(len(feature.categories)) if (code in members) is not unseen_left]
        listed_way, other_way = (right, left) if unseen_left else (left, right)
        if not listed:
            is_null = f"{self.columns.text(column)} is null"
            return other_way if null_left == unseen_left else _case(is_null, listed_way, other_way)
        if null_left == unseen_left:
            return _case(self.columns.is_among(column, listed), listed_way, other_way)
        return _case(f"not {self.columns.is_among(column, listed)}", other_way, listed_way)


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


def _rest(parts: list[Range]) -> list[Range]:
    """Return the numbers between the given ones and after them."""
    ends = [float(np.nextafter(high, np.inf)) for _, high in parts if high < np.inf]
    starts = [float(np.nextafter(low, -np.inf)) for low, _ in parts[1:]] + [np.inf]
    return list(zip(ends, starts, strict=False))


def _within(value: str, parts: list[Range]) -> str:
    """Return the condition that a value is among the parts."""
    tests = []
    for low, high in parts:
        if low == -np.inf:
            tests.append(f"{value} <= {number(high)}")
        elif high == np.inf:
            tests.append(f"{value} >= {number(low)}")
        else:
            tests.append(f"{value} between {number(low)} and {number(high)}")
    return " or ".join(tests) or "false"


def _case(condition: str, then: str, otherwise: str) -> str:
    return f"case when {condition} then {then} else {otherwise} end"


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
