"""The gates in a model's block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, ValidationInfo

from training.declared.problems import MISSING, Problem, check, choice, problem
from training.declared.schema import Part, Texts, options
from training.evaluation.metrics import DIRECTION, METRICS

COMPARISONS = ("min", "max", "min_gain_over_baseline", "min_gain_over_champion", "max_vs_champion")
MIN_ROWS = 30
"""Slices with fewer rows are left out unless a gate says otherwise."""
WITH_CHAMPION = ("min_gain_over_champion", "max_vs_champion")
CHAMPION_PARTS = ("validation", "test")
"""The parts of the split on which the champion is measured."""
LIVE = "live"
"""The dataset of gates on rows that were scored after the training, as the model's monitors measured them."""
WITHOUT_BASELINE = ("clustering", "anomaly")


@dataclass(frozen=True)
class Gate:
    """A rule a challenger must meet: a metric on one part of the data, compared with a threshold.

    Parameters
    ----------
    slices
        Columns on every slice of which the rule must hold; none for all rows together.
    severity
        ``error`` keeps the challenger from scoring, ``warn`` only reports.
    baseline
        ``constant`` or ``linear``; None for the better of both.
    min_rows
        Slices with fewer rows are left out; live rows with a label are waited for until there are so many.
    """

    metric: str
    dataset: str
    comparison: str
    threshold: float
    slices: tuple[str, ...] = ()
    severity: str = "error"
    baseline: str | None = None
    min_rows: int = 0


class GateBlock(Part):
    """A gate as YAML declares it: a metric, one comparison, and where it must hold."""

    metric: str = Field(examples=["roc_auc"], json_schema_extra=options(DIRECTION))
    """The metric to compare."""
    min: float | None = Field(None, examples=[0.7])
    """The lowest value that passes."""
    max: float | None = Field(None, examples=[0.5])
    """The highest value that passes."""
    min_gain_over_baseline: float | None = Field(None, examples=[0.02])
    """The smallest gain over the better baseline that passes."""
    min_gain_over_champion: float | None = Field(None, examples=[0.0])
    """The smallest gain over the champion that passes."""
    max_vs_champion: float | None = Field(None, examples=[1.01])
    """The largest multiple of the champion's value that passes, where less is better."""
    dataset: Literal["train", "validation", "test", "live"] | None = Field(None, examples=["validation"])
    """The part of the split to measure on; test unless set. Only train with method none. live: the rows that
    monitors measured, for comparisons with the champion."""
    slices: Texts | None = Field(None, min_length=1, examples=[["region"]])
    """The columns on every slice of which the gate must hold, among the model's slices."""
    min_rows: int | None = Field(None, ge=1, le=1000000000, examples=[100])
    """The fewest rows to judge by: smaller slices are left out, 30 unless set, for gates with slices; of dataset
    live, the rows with a label that are waited for, required."""
    severity: Literal["error", "warn"] = Field("error", examples=["warn"])
    """What a failing gate does: error keeps the version from scoring, warn reports."""
    baseline: Literal["constant", "linear"] | None = Field(None, examples=["linear"])
    """The baseline of min_gain_over_baseline; the better one unless set."""


def _gate(value: object, info: ValidationInfo) -> Gate:
    """Return a gate, or raise what does not suit the model, as far as that is right."""
    block = GateBlock.model_validate(value)
    comparisons = [name for name in COMPARISONS if getattr(block, name) is not None]
    sliced = block.slices or ()
    check(*_problems(block, comparisons, info.data))
    return Gate(
        metric=block.metric,
        dataset=block.dataset or "test",
        comparison=comparisons[0],
        threshold=float(getattr(block, comparisons[0])),
        slices=sliced,
        severity=block.severity,
        baseline=block.baseline,
        min_rows=(block.min_rows or MIN_ROWS) if sliced else block.min_rows or 0,
    )


Gates = Annotated[Gate, PlainValidator(_gate, json_schema_input_type=GateBlock)]


def _problems(block: GateBlock, comparisons: list[str], model: Mapping[str, Any]) -> Iterator[Problem]:
    task, split = model.get("task"), model.get("split")
    if task:
        yield from choice(block.metric, METRICS[task], at=("metric",))
    if block.dataset == LIVE:
        yield from _problems_of_live(block, comparisons, model)
    elif split and split.method == "none":
        yield from (
            choice(block.dataset, ["train"], at=("dataset",)) if block.dataset else [(("dataset",), MISSING)]
        )
    if len(comparisons) != 1:
        rule = f"must have exactly one of {', '.join(COMPARISONS)}"
        yield problem(block.model_dump(exclude_unset=True), rule, "write one comparison per gate")
    for comparison in comparisons:
        yield from _problems_of(comparison, block, task)
    if block.baseline and "min_gain_over_baseline" not in comparisons:
        yield problem(block.baseline, "is for min_gain_over_baseline", "remove it", at=("baseline",))
    if block.min_rows and not block.slices and block.dataset != LIVE:
        rule = "is for gates with slices, or with dataset live"
        yield problem(block.min_rows, rule, "remove it", at=("min_rows",))
    measured = {each.column.lower() for each in model.get("sliced", ())}
    for column in block.slices or ():
        if "sliced" in model and column.lower() not in measured:
            rule = "must be among the model's own slices, where metrics are measured"
            yield problem(column, rule, f"add {column} to ml.slices", at=("slices",))


def _problems_of_live(
    block: GateBlock, comparisons: list[str], model: Mapping[str, Any]
) -> Iterator[Problem]:
    """Yield what keeps a gate on live rows from being judged."""
    for comparison in comparisons:
        if comparison not in WITH_CHAMPION:
            rule = f"is not for dataset live, which is for {' and '.join(WITH_CHAMPION)}"
            yield problem(getattr(block, comparison), rule, "name another part", at=(comparison,))
    if block.min_rows is None:
        yield (("min_rows",), MISSING)
    if block.slices:
        rule = "has no effect with dataset live, which is judged on all rows"
        yield problem(list(block.slices), rule, "remove it", at=("slices",))
    if "shadow" in model and "ab_test" in model and not (model["shadow"] or model["ab_test"]):
        rule = "needs a version that scores beside the champion"
        yield problem(block.dataset, rule, "write ml.shadow: true, or ml.ab_test", at=("dataset",))
    if "time" in model and model["time"] is None:
        rule = "needs ml.time, by which rows later than those of the training are known"
        yield problem(block.dataset, rule, "name the time column", at=("dataset",))


def _problems_of(comparison: str, block: GateBlock, task: str | None) -> Iterator[Problem]:
    """Yield what makes a comparison impossible or of no use."""
    value, at = getattr(block, comparison), (comparison,)
    if comparison == "min_gain_over_baseline" and task in WITHOUT_BASELINE:
        yield problem(value, f"has no effect in task {task}, without a baseline", "use another one", at=at)
    if comparison in WITH_CHAMPION and block.dataset == "train":
        rule = f"must be {' or '.join(CHAMPION_PARTS)} for {comparison}, where the champion is measured too"
        yield problem(block.dataset, rule, "name another part, or write min or max", at=("dataset",))
    if comparison == "max_vs_champion" and DIRECTION.get(block.metric):
        rule = f"is for metrics of which less is better, not for {block.metric}"
        yield problem(value, rule, "write min_gain_over_champion instead", at=at)
