"""The gates in a model's block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, ValidationInfo

from training.declared.parts import SplitSpec
from training.declared.schema import Name, Part, Problems, Texts
from training.evaluation.metrics import DIRECTION, METRICS

COMPARISONS = ("min", "max", "min_gain_over_baseline", "min_gain_over_champion", "max_vs_champion")
MIN_ROWS = 30
"""Slices with fewer rows are left out unless a gate says otherwise."""
WITH_CHAMPION = ("min_gain_over_champion", "max_vs_champion")
CHAMPION_PARTS = ("validation", "test")
"""The parts of the split on which the champion is measured."""
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


class GateBlock(Part):
    """A gate as YAML declares it: a metric, one comparison, and where it must hold."""

    metric: Name = Field(examples=["roc_auc"], json_schema_extra={"enum": list(DIRECTION)})
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
    dataset: Literal["train", "validation", "test"] | None = Field(None, examples=["validation"])
    """The part of the split to measure on; test unless set. Only train with method none."""
    slices: Texts | None = Field(None, min_length=1, examples=[["region"]])
    """The columns on every slice of which the gate must hold, among the model's slices."""
    min_rows: int | None = Field(None, ge=1, le=1000000000, examples=[100])
    """The size below which a slice is left out; 30 unless set, for gates with slices."""
    severity: Literal["error", "warn"] = Field("error", examples=["warn"])
    """What a failing gate does: error keeps the version from scoring, warn reports."""
    baseline: Literal["constant", "linear"] | None = Field(None, examples=["linear"])
    """The baseline of min_gain_over_baseline; the better one unless set."""


def _gate(value: object, info: ValidationInfo) -> Gate:
    problems = Problems()
    gate = _checked(GateBlock.model_validate(value), info.data, problems)
    problems.raise_all()
    return gate


Gates = Annotated[Gate, PlainValidator(_gate, json_schema_input_type=GateBlock)]


def _checked(block: GateBlock, model: Mapping[str, Any], problems: Problems) -> Gate:
    """Return the gate, and collect where it does not suit the model, as far as that is right."""
    task, split = model.get("task"), model.get("split")
    if task:
        problems.choice("metric", block.metric, METRICS[task])
    dataset = _dataset(block, split, problems)
    given = [name for name in COMPARISONS if getattr(block, name) is not None]
    if len(given) != 1:
        rule = f"must have exactly one of {', '.join(COMPARISONS)}"
        problems.add((), block.model_dump(exclude_unset=True), rule, "write one comparison per gate")
    for comparison in given:
        _check_comparison(block, comparison, dataset, task, problems)
    if block.baseline and "min_gain_over_baseline" not in given:
        problems.add("baseline", block.baseline, "is for min_gain_over_baseline", "remove it")
    sliced = block.slices or ()
    if block.min_rows and not sliced:
        problems.add("min_rows", block.min_rows, "is for gates with slices", "remove it")
    known = {slice_.column.lower() for slice_ in model.get("sliced", ())}
    for column in sliced:
        if "sliced" in model and column.lower() not in known:
            rule = "must be among the model's own slices, where metrics are measured"
            problems.add("slices", column, rule, f"add {column} to ml.slices")
    comparison = given[0] if given else ""
    return Gate(
        metric=block.metric,
        dataset=dataset,
        comparison=comparison,
        threshold=float(getattr(block, comparison, None) or 0),
        slices=sliced,
        severity=block.severity,
        baseline=block.baseline,
        min_rows=(block.min_rows or MIN_ROWS) if sliced else 0,
    )


def _dataset(block: GateBlock, split: SplitSpec | None, problems: Problems) -> str:
    has_parts = split is None or split.method != "none"
    if block.dataset is None and not has_parts:
        problems.missing("dataset")
    elif block.dataset and not has_parts:
        problems.choice("dataset", block.dataset, ["train"])
    return block.dataset or "test"


def _check_comparison(
    block: GateBlock, comparison: str, dataset: str, task: str | None, problems: Problems
) -> None:
    """Collect what makes a comparison impossible or of no use."""
    value = getattr(block, comparison)
    if comparison == "min_gain_over_baseline" and task in WITHOUT_BASELINE:
        rule = f"has no effect in task {task}, which has no baseline"
        problems.add(comparison, value, rule, "use another comparison")
    if comparison in WITH_CHAMPION and dataset not in CHAMPION_PARTS:
        rule = f"must be {' or '.join(CHAMPION_PARTS)} for {comparison}, where the champion is measured too"
        problems.add("dataset", dataset, rule, "name another part, or write min or max")
    if comparison == "max_vs_champion" and DIRECTION.get(block.metric):
        rule = f"is for metrics of which less is better, not for {block.metric}"
        problems.add(comparison, value, rule, "write min_gain_over_champion instead")
