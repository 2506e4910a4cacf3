"""What a model's configuration says, as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scoring.signature import MISSING
from training.estimators.base import Choice, Range, Setting

AUTO = "auto"
"""The name that asks for the best of the suitable estimators."""


@dataclass(frozen=True)
class SplitSpec:
    """How rows are divided: a method, its column if it reads one, and the shares of validation and test."""

    method: str
    column: str | None = None
    validation: float = 0.0
    test: float = 0.0


@dataclass(frozen=True)
class FeatureRules:
    """What null and an unseen category mean to a feature: rules of `scoring.signature.RULES`.

    ``constant`` is what rule ``constant`` puts in their place, as text.
    """

    nulls: str = MISSING
    unseen: str = MISSING
    constant: str | None = None


@dataclass(frozen=True)
class Gate:
    """A rule a challenger must meet: a metric on one part of the data, compared with a threshold.

    Parameters
    ----------
    slices
        Columns on every slice of which the rule must hold; none for all rows together.
    severity
        ``error`` keeps the challenger from scoring, ``warn`` only tells.
    baseline
        ``constant`` or ``linear``; None for the better of both.
    min_rows
        Slices with fewer rows are left out.
    """

    metric: str
    dataset: str
    comparison: str
    threshold: float
    slices: tuple[str, ...] = ()
    severity: str = "error"
    baseline: str | None = None
    min_rows: int = 0


@dataclass(frozen=True)
class Pin:
    """The version that a model's block forces to be champion, and why."""

    version: int
    reason: str | None = None


@dataclass(frozen=True)
class TuningSpec:
    """How settings are searched for.

    Parameters
    ----------
    trials
        Largest number of trials; None for as many as the time allows.
    timeout_seconds
        Time after which no trial begins; None for no limit.
    metric
        What is made best on the validation rows.
    search
        Where to look for each setting; empty for the estimator's own search space.
    """

    trials: int | None
    timeout_seconds: float | None
    metric: str
    search: Mapping[str, Range | Choice] = field(default_factory=dict)


CONSTANT, DUPLICATE, LEAKING, UNINFORMATIVE = REASONS = ("constant", "duplicate", "leaking", "uninformative")
"""Why a feature is dropped, in the order in which it is looked for."""


@dataclass(frozen=True)
class SelectionSpec:
    """How features are selected.

    Parameters
    ----------
    drop
        Those of `REASONS` that count.
    keep
        Features that are never dropped.
    leaking_above
        What a feature may reach alone: the area under the ROC curve, or the explained share of variance.
    min_gain
        What a feature must gain, as a multiple of what it gains on shuffled labels.
    shuffles
        How often labels are shuffled.
    rows
        Most training rows to look at.
    """

    drop: tuple[str, ...] = REASONS
    keep: tuple[str, ...] = ()
    leaking_above: float = 1.0
    min_gain: float = 1.0
    shuffles: int = 10
    rows: int = 20_000


@dataclass(frozen=True)
class ModelSpec:
    """Everything that a model's configuration says.

    Parameters
    ----------
    may_be_simpler
        Whether no estimator is named, nor settings of one, so that few rows may have a simpler one.
    positive
        The label's value, as text, that counts as the positive class; None for true or 1.
    class_weight
        ``balanced`` gives every class the same total weight in training; None leaves rows as they are.
    monotone
        ``increasing`` or ``decreasing`` by feature.
    slices
        Columns by whose values metrics are also measured.
    not_features
        Those of the slices that the model does not learn from.
    features
        What null and unseen mean, by feature; others have the usual rules.
    selection
        How features are selected; None where the model takes all.
    must_beat_constant
        Whether a version that is no better than a constant is refused.
    pin
        The version that is forced to be champion; None if there is none.
    """

    task: str
    key: str
    split: SplitSpec
    estimator: str
    may_be_simpler: bool = False
    label: str | None = None
    positive: str | None = None
    time: str | None = None
    params: Mapping[str, Setting] = field(default_factory=dict)
    seed: int = 1
    weight: str | None = None
    class_weight: str | None = None
    monotone: Mapping[str, str] = field(default_factory=dict)
    slices: tuple[str, ...] = ()
    not_features: tuple[str, ...] = ()
    features: Mapping[str, FeatureRules] = field(default_factory=dict)
    selection: SelectionSpec | None = None
    tuning: TuningSpec | None = None
    gates: tuple[Gate, ...] = ()
    must_beat_constant: bool = True
    pin: Pin | None = None

    def roles(self) -> dict[str, str]:
        """Return what each column is to the model, by name, features that are nothing else aside."""
        named = {
            self.label: "label",
            self.key: "key",
            self.time: "time",
            self.weight: "weight",
            self.split.column: "split column",
        }
        return {column: role for column, role in named.items() if column is not None}
