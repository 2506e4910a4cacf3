"""What a model's YAML block says about the selection of features."""

from __future__ import annotations

from dataclasses import replace

from training.declared.checked import Block
from training.declared.spec import CONSTANT, DUPLICATE, LEAKING, REASONS, UNINFORMATIVE, SelectionSpec

LARGEST_ALONE = {"binary": 0.98, "multiclass": 0.98, "regression": 0.99}
"""By task, what a feature alone may reach: areas under the ROC curve, or the explained share of variance."""

GIVES_FEATURES = "onnx"
"""The estimator whose file says what its features are."""


def read_selection(block: Block, task: str, estimator: str) -> SelectionSpec | None:
    """Return how features are selected; None where all are taken."""
    key = "select_features"
    rule = f"has no use with estimator {GIVES_FEATURES}, whose file takes the features that it takes"
    if not block.only_with(key, estimator != GIVES_FEATURES, rule, "remove it"):
        return None
    has_label = task in LARGEST_ALONE
    usual = SelectionSpec(drop=REASONS if has_label else (CONSTANT, DUPLICATE))
    if has_label:
        usual = replace(usual, leaking_above=LARGEST_ALONE[task])
    if isinstance(block.shown(key), bool):
        return usual if block.flag(key) else None
    given = block.block(key, "true")
    return usual if given is None else _read(given, usual)


def _read(given: Block, usual: SelectionSpec) -> SelectionSpec:
    drop = _drop(given, usual.drop) if given.has("drop") else usual.drop

    def number(key: str, reason: str, low: float, high: float, default: float, *, whole: bool) -> float:
        rule = f"is for the reason {reason}"
        if given.only_with(key, reason in drop, rule, f"remove it, or add {reason} to drop"):
            return given.number(key, low, high, whole=whole)
        return default

    spec = SelectionSpec(
        drop=drop,
        keep=given.texts("keep", "features that are never dropped"),
        leaking_above=number("leaking_above", LEAKING, 0.5, 1, usual.leaking_above, whole=False),
        min_gain=number("min_gain", UNINFORMATIVE, 0, 1000, usual.min_gain, whole=False),
        shuffles=int(number("shuffles", UNINFORMATIVE, 1, 1000, usual.shuffles, whole=True)),
        rows=int(given.number("rows", 100, 10_000_000, whole=True, default=usual.rows)),
    )
    given.no_other_keys()
    return spec


def _drop(given: Block, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the reasons in the order in which they are looked for."""
    asked = given.texts("drop", "the reasons to drop a feature for")
    for reason in asked:
        if reason not in REASONS:
            given.problem("drop", f"must list some of {', '.join(known)}", reason, "correct it")
        elif reason not in known:
            rule = "must list reasons that need no label to predict, as the task has none"
            given.problem("drop", rule, reason, "remove it")
    return tuple(reason for reason in known if reason in asked)
