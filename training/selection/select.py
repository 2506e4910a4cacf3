"""Selection of features: what a model does not learn from, and why.

Only training rows are looked at, so that metrics on validation and test rows stay what they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from scoring.signature import Feature, Signature
from training.data.dataset import Dataset
from training.declared.spec import AUTO, CONSTANT, DUPLICATE, LEAKING, UNINFORMATIVE, SelectionSpec
from training.errors import DatasetError
from training.estimators import ESTIMATORS
from training.estimators.base import Examples
from training.selection.repeated_features import alike, is_constant

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Verdict:
    """What became of a feature.

    Parameters
    ----------
    reason
        Why it was dropped, or that it was kept by name; None for one that passed.
    value
        What decided: what a leaking feature reaches alone; of others, where that was measured, the gain as
        a multiple of that on shuffled labels.
    """

    feature: str
    is_selected: bool
    reason: str | None = None
    value: float | None = None


@dataclass(frozen=True)
class Selection:
    """The features that a model learns from; no verdicts where it was not asked to select."""

    signature: Signature
    verdicts: tuple[Verdict, ...] = ()


def select(data: Dataset, *, model: str) -> Selection:
    """Return the signature of the selected features, in the order of the query.

    Parameters
    ----------
    data
        The rows, divided.
    model
        The model, for error messages; its spec says whether and how to select.

    Raises
    ------
    training.errors.DatasetError
        If no feature is left.
    """
    signature, spec = data.signature(), data.spec.selection
    if spec is None:
        return Selection(signature)
    search = _Search(data, signature, spec, model)
    search.run()
    verdicts = tuple(search.verdict(feature.name) for feature in signature.features)
    selected = tuple(
        feature for feature, verdict in zip(signature.features, verdicts, strict=True) if verdict.is_selected
    )
    if not selected:
        counts = Counter(str(verdict.reason).split()[0] for verdict in verdicts)
        reasons = ", ".join(f"{count} {reason}" for reason, count in counts.items())
        problem = (
            f"select_features must leave at least one feature; found none of {len(verdicts)} good enough: "
            f"{reasons}; select others in the query, or name some under select_features.keep."
        )
        raise DatasetError.from_problems(model, [problem])
    return Selection(replace(signature, features=selected), verdicts)


@dataclass
class _Search:
    """The features that are left, and why others are not."""

    data: Dataset
    signature: Signature
    spec: SelectionSpec
    model: str
    dropped: dict[str, Verdict] = field(default_factory=dict)
    gains: dict[str, float] = field(default_factory=dict)
    matrix: Values = field(init=False)
    positions: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        rows = self.data.parts["train"].rows
        even = np.linspace(0, rows - 1, min(rows, self.spec.rows)).astype(np.int64)
        self.positions = even + self.data.parts["train"].start
        sample = replace(self.data, table=self.data.table.take(self.positions))
        self.matrix = sample.matrix(self.signature, model=self.model)

    def run(self) -> None:
        """Look for one reason after the other, each among what is left."""
        looks = {
            CONSTANT: self._drop_constant,
            DUPLICATE: self._drop_duplicate,
            LEAKING: self._drop_leaking,
            UNINFORMATIVE: self._drop_uninformative,
        }
        for reason in self.spec.drop:
            looks[reason]()

    def verdict(self, name: str) -> Verdict:
        """Return what became of a feature."""
        if name in self.dropped:
            return self.dropped[name]
        reason = "kept by name" if name in self.spec.keep else None
        return Verdict(name, True, reason, self.gains.get(name))

    def _left(self) -> Iterator[tuple[int, Feature]]:
        for position, feature in enumerate(self.signature.features):
            if feature.name not in self.dropped:
                yield position, feature

    def _drop(self, feature: Feature, reason: str, value: float | None = None) -> None:
        if feature.name not in self.spec.keep:
            self.dropped[feature.name] = Verdict(feature.name, False, reason, value)

    def _drop_constant(self) -> None:
        for position, feature in self._left():
            if is_constant(self.matrix[:, position]) and is_constant(self._all_values(feature)):
                self._drop(feature, CONSTANT)

    def _drop_duplicate(self) -> None:
        spec = self.data.spec
        by_rank = spec.estimator != AUTO and ESTIMATORS[spec.estimator].is_rank_based
        wanted = {*self.spec.keep, *spec.monotone}
        # Of equal features, one that the configuration names stays, else the first one.
        order = sorted(self._left(), key=lambda entry: entry[1].name not in wanted)
        groups: dict[bytes, list[Feature]] = {}
        for position, feature in order:
            groups.setdefault(alike(self.matrix[:, position], feature, by_rank=by_rank), []).append(feature)
        for features in groups.values():
            if len(features) == 1:
                continue
            first: dict[bytes, Feature] = {}
            for feature in features:
                digest = alike(self._all_values(feature), feature, by_rank=by_rank)
                if digest in first:
                    self._drop(feature, f"{DUPLICATE} of {first[digest].name}")
                else:
                    first[digest] = feature

    def _drop_leaking(self) -> None:
        from training.selection.single_features import alone  # scikit-learn takes long to import

        examples = self._examples()
        for position, feature in list(self._left()):
            reached = alone(examples, position, feature, task=self.data.spec.task)
            if reached > self.spec.leaking_above:
                self._drop(feature, LEAKING, reached)

    def _drop_uninformative(self) -> None:
        from training.selection.null_importance import gains_over_shuffled

        left = list(self._left())
        if not left:
            return
        examples = self._examples()
        kept = [position for position, _ in left]
        gains = gains_over_shuffled(
            replace(examples, rows=examples.features[:, kept]),
            replace(self.signature, features=tuple(feature for _, feature in left)),
            task=self.data.spec.task,
            seed=self.data.spec.seed,
            shuffles=self.spec.shuffles,
        )
        for (_, feature), gain in zip(left, gains, strict=True):
            self.gains[feature.name] = float(gain)
            if gain < self.spec.min_gain:
                self._drop(feature, UNINFORMATIVE, float(gain))

    def _examples(self) -> Examples:
        data = self.data
        if data.label is None:
            raise TypeError("only a model with a label to predict looks at it")
        weight = None if data.weight is None else data.weight[self.positions]
        return Examples(self.matrix, data.label[self.positions], weight)

    def _all_values(self, feature: Feature) -> Values:
        """Return a feature of all training rows, shape ``(rows,)``."""
        rows = self.data.table.select([feature.name])[self.data.parts["train"].slice]
        whole = replace(self.data, table=rows)
        return whole.matrix(Signature((feature,)), model=self.model)[:, 0]
