"""The trees of a LightGBM model, read from its text form.

The text gives every threshold and leaf value with 17 digits, which a double needs to come back bit for
bit, and keeps trees in flat arrays; the JSON form nests as deep as the trees and cannot hold deep ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import lightgbm
import numpy as np
from numpy.typing import NDArray

from training.errors import ExportError

MISSING_NONE, MISSING_ZERO, MISSING_NAN = 0, 1, 2
"""What a split regards as missing: nothing (NaN counts as zero), zero and NaN, or NaN."""


@dataclass(frozen=True)
class Tree:
    """One tree: arrays over its splits, and the values of its leaves.

    A child is the position of a split, or ``-1 - leaf``. A tree without splits has one leaf.
    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    categorical: NDArray[np.bool_]
    default_left: NDArray[np.bool_]
    missing: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    members: tuple[NDArray[np.int64], ...]
    leaves: NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """A LightGBM model: its trees, in the order in which their values are added, and its objective.

    With several targets, tree ``n`` adds to the target ``n % targets``. Where ``averaged``, the prediction
    comes from the mean over all iterations; the raw score is their sum all the same.
    """

    trees: tuple[Tree, ...]
    objective: str
    features: int
    targets: int
    averaged: bool = False

    @property
    def iterations(self) -> int:
        """The number of trees for each target."""
        return len(self.trees) // self.targets


def read(booster: lightgbm.Booster) -> Model:
    """Return the model that a booster predicts with, up to its best iteration.

    Raises
    ------
    training.errors.ExportError
        If the model has parts that make its score more than a sum of leaf values.
    """
    return _parsed(booster.model_to_string(num_iteration=booster.best_iteration))


@lru_cache(maxsize=2)
def _parsed(text: str) -> Model:
    """Return the model that a text holds; the same one is written as ONNX, written as SQL and compared in turn."""
    header, *sections = text.split("\nTree=")
    head = _entries(header)
    trees = tuple(_tree(_entries(section.split("\n\n")[0])) for section in sections)
    return Model(
        trees,
        objective=head.get("objective", "custom"),
        features=int(head["max_feature_idx"]) + 1,
        targets=int(head["num_tree_per_iteration"]),
        averaged="average_output" in header.splitlines(),
    )


def _entries(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def _tree(entries: dict[str, str]) -> Tree:
    if entries.get("is_linear", "0") != "0":
        raise ExportError.not_exact("linear models in leaves", "'linear_tree'", "remove that setting")
    decision = _whole(entries, "decision_type")
    categorical = (decision & 1).astype(bool)
    threshold = _real(entries, "threshold")
    bounds, bits = _whole(entries, "cat_boundaries"), _whole(entries, "cat_threshold")
    return Tree(
        feature=_whole(entries, "split_feature"),
        threshold=threshold,
        categorical=categorical,
        default_left=(decision & 2).astype(bool),
        missing=decision >> 2 & 3,
        left=_whole(entries, "left_child"),
        right=_whole(entries, "right_child"),
        members=tuple(
            _members(bits[bounds[index] : bounds[index + 1]])
            for index in threshold[categorical].astype(np.int64)
        ),
        leaves=_real(entries, "leaf_value"),
    )


def _members(words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the positions of the bits that are set in words of 32 bits."""
    return np.flatnonzero(np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little"))


def _whole(entries: dict[str, str], key: str) -> NDArray[np.int64]:
    return np.array(entries.get(key, "").split(), dtype=np.int64)


def _real(entries: dict[str, str], key: str) -> NDArray[np.float64]:
    return np.array([float(text) for text in entries.get(key, "").split()], dtype=np.float64)
