"""What an estimator is to the rest of training, and what it makes of a model's rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scoring.signature import Output, Signature
from training.data.arrow_rows import matrix_of, taken
from training.export.sql_form import SqlForm

TASKS = ("binary", "multiclass", "regression", "clustering", "anomaly")

Values = NDArray[np.float64]
Setting = float | bool | str


@dataclass(frozen=True)
class Limits:
    """The values that a numeric setting may have, from ``low`` to ``high``."""

    low: float
    high: float
    whole: bool = False


@dataclass(frozen=True)
class Choice:
    """The values among which a setting is chosen.

    Where ``is_deciding``, the use of other settings hangs on it, so that it is chosen and not tuned.
    """

    options: tuple[Setting, ...]
    is_deciding: bool = False


@dataclass(frozen=True)
class Text:
    """A setting that is any text; ``meaning`` says what it stands for."""

    meaning: str


@dataclass(frozen=True)
class Misfit:
    """A setting that does not go with the task or with other settings, in the words of a message."""

    setting: str
    rule: str
    value: object
    remedy: str


@dataclass(frozen=True)
class LabelRule:
    """Labels must not be negative nor all zero, nor any of them zero unless it ``may_be_zero``.

    ``reason`` names the setting that asks for it. LightGBM keeps labels in single precision.
    """

    reason: str
    may_be_zero: bool


@dataclass(frozen=True)
class Range:
    """Where tuning looks for a numeric setting: from ``low`` to ``high``, evenly or by magnitude."""

    low: float
    high: float
    log: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Examples:
    """Rows to learn from.

    Parameters
    ----------
    rows
        Shape ``(rows, features)``, as `scoring.signature.Signature.matrix` gives it, or a table of its columns.
    label
        Shape ``(rows,)``: 0 or 1, the code of a class, or a value; None for tasks without a label.
    weight
        Shape ``(rows,)``; None where all rows weigh the same.
    """

    rows: Values | pa.Table
    label: Values | None = None
    weight: Values | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    @cached_property
    def features(self) -> Values:
        """The rows as a matrix, shape ``(rows, features)``."""
        return matrix_of(self.rows) if isinstance(self.rows, pa.Table) else self.rows

    def taken(self, positions: NDArray[np.int64]) -> Examples:
        """Return the rows at some positions, which ascend."""
        table = isinstance(self.rows, pa.Table)
        return Examples(
            taken(self.rows, positions) if table else self.rows[positions],
            None if self.label is None else self.label[positions],
            None if self.weight is None else self.weight[positions],
        )


class EnoughIterations(Exception):
    """Raised by a report: the model so far is to be kept as it is."""


@dataclass(frozen=True)
class FitRequest:
    """What an estimator is asked to fit.

    Parameters
    ----------
    train, validation
        The rows to fit, and those that may decide when to stop. For ``binary`` and ``multiclass`` every
        class occurs in ``train``.
    task
        One of `TASKS`.
    params
        Settings that replace the estimator's defaults.
    seed
        Seed of every random choice.
    signature
        The features; for ``binary`` and ``multiclass`` also the classes, in the order of their codes.
    monotone
        By position of a feature, 1 if the score may only rise with it, -1 if it may only fall.
    report
        Called after every iteration with its number and the loss on the validation rows; may raise to stop,
        `EnoughIterations` to keep the model so far.
    threads
        Threads to fit with, where that can be told; 0 for as many as there are cores.
    """

    train: Examples
    validation: Examples | None
    task: str
    params: Mapping[str, Setting]
    seed: int
    signature: Signature
    monotone: Mapping[int, int] = field(default_factory=dict)
    report: Callable[[int, float], None] | None = None
    threads: int = 0


class Scores(Protocol):
    """What parity is checked against. Its methods take matrices of shape ``(rows, features)``."""

    def raw_score(self, matrix: Values) -> Values:
        """Return the scores before they become a prediction, shape ``(rows,)`` or ``(rows, classes)``."""

    def predict(self, matrix: Values) -> Values:
        """Return the artifact's ``prediction`` as the library itself gives it, shape ``(rows,)``."""

    def probabilities(self, matrix: Values) -> Values | None:
        """Return the probability of each class, shape ``(rows, classes)``; None for other tasks."""

    def edges(self) -> Mapping[int, Values]:
        """Return, by position of a feature, the values near which an export may go wrong."""


class Fitted(Scores, Protocol):
    """A fitted model."""

    @property
    def params(self) -> Mapping[str, Any]:
        """Every setting that was used, defaults included."""

    @property
    def native_model(self) -> str | None:
        """The model in its library's own text form, for explanations; None if there is none."""

    @property
    def threshold(self) -> float | None:
        """The anomaly score above which a row is an anomaly; None for other tasks."""

    def to_onnx(self) -> bytes:
        """Return the artifact."""

    def sql_form(self, signature: Signature) -> SqlForm | None:
        """Return the model in SQL; None if it has no such form or too large a one."""

    def importance(self) -> list[tuple[int, float, int]]:
        """Return position, gain or absolute weight, and number of splits of every feature."""


def _nothing(params: Mapping[str, Setting]) -> str:
    return ""


def _no_misfits(task: str, params: Mapping[str, Setting], is_monotone: bool) -> Iterable[Misfit]:
    return ()


def _any_label(params: Mapping[str, Setting]) -> LabelRule | None:
    return None


def _no_scaled(task: str, rows: int) -> Mapping[str, Setting]:
    return {}


@dataclass(frozen=True)
class Estimator:
    """A way to fit a model.

    Parameters
    ----------
    name
        What a model's configuration calls it.
    tasks
        The tasks it can do.
    params
        The settings that a model may choose; None stands for true or false.
    defaults
        The settings that are used where a model chooses none; further ones are the library's own. How they
        were chosen: docs/decisions/0013-defaults.md.
    scaled
        Further defaults, given the task and the number of training rows.
    search_space
        Where tuning looks if the configuration does not say.
    relative_difference
        The largest relative difference allowed between the scores of library, artifact and SQL.
    fit
        Fits a model. The same request on the same machine gives the same artifact, bit for bit.
    is_monotone
        Whether it heeds `FitRequest.monotone`.
    is_rank_based
        Whether it learns the same from a number as from any other that orders the rows the same way.
    fingerprint
        Identifies what else decides the fitted model, given the params: the content of a file.
    misfits
        Finds the params that do not go with the task, with each other, or with monotone features.
    label_rule
        What labels it can learn from, given the params; None for any.
    rounds
        The setting that limits the iterations, which validation rows may stop before; None if there is none.
    """

    name: str
    tasks: frozenset[str]
    params: Mapping[str, Limits | Choice | Text | None]
    defaults: Mapping[str, Setting]
    search_space: Mapping[str, Range | Choice]
    relative_difference: float
    fit: Callable[[FitRequest], Fitted]
    is_monotone: bool = False
    is_rank_based: bool = False
    fingerprint: Callable[[Mapping[str, Setting]], str] = _nothing
    misfits: Callable[[str, Mapping[str, Setting], bool], Iterable[Misfit]] = _no_misfits
    label_rule: Callable[[Mapping[str, Setting]], LabelRule | None] = _any_label
    scaled: Callable[[str, int], Mapping[str, Setting]] = _no_scaled
    rounds: str | None = None

    def used(self, request: FitRequest) -> dict[str, Setting]:
        """Return the settings of a fit: those of the request, and the defaults for all others."""
        scaled = self.scaled(request.task, len(request.train))
        return {**self.defaults, **scaled, **request.params}


def completed(signature: Signature, fitted: Fitted, task: str) -> Signature:
    """Return the signature with what only the fitted model knows: outputs, clusters and threshold."""
    outputs = [Output("raw_score"), Output("prediction")]
    classes = signature.classes
    if task == "multiclass":
        outputs.append(Output("probabilities"))
    if task == "clustering":
        clusters = fitted.raw_score(np.zeros((1, len(signature.features)))).shape[1]
        classes = tuple(str(number) for number in range(clusters))
    return replace(signature, outputs=tuple(outputs), classes=classes, threshold=fitted.threshold)
