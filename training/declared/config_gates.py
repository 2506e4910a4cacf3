"""The gates in a model's YAML block."""

from __future__ import annotations

from training.data.split import PARTS
from training.declared.checked import Block
from training.declared.spec import Gate, SplitSpec
from training.evaluation.metrics import DIRECTION, METRICS

COMPARISONS = ("min", "max", "min_gain_over_baseline", "min_gain_over_champion", "max_vs_champion")
BASELINES = ("constant", "linear")
LARGEST_THRESHOLD = 1e300
MIN_ROWS = 30
"""Slices with fewer rows are left out unless a gate says otherwise; see the macro ``declared_gates``."""
MOST_ROWS = 1_000_000_000
WITH_CHAMPION = ("min_gain_over_champion", "max_vs_champion")
CHAMPION_PARTS = ("validation", "test")
"""The parts of the split on which the champion is measured."""
WITHOUT_BASELINE = ("clustering", "anomaly")


def read_gates(block: Block, task: str, split: SplitSpec, slices: tuple[str, ...]) -> tuple[Gate, ...]:
    """Return the gates; each metric must be one of the task, each slice one that is measured."""
    parts = ("train",) if split.method == "none" else PARTS
    gates = []
    for entry in block.blocks("gates", "{metric: roc_auc, min: 0.7}"):
        before = len(entry.problems)
        metric = entry.choice("metric", METRICS[task])
        dataset = entry.choice("dataset", parts, default="test" if "test" in parts else None)
        sliced = entry.texts("slices", "the columns on every slice of which the gate must hold")
        severity = entry.choice("severity", ("error", "warn"), default="error")
        min_rows = _min_rows(entry, sliced)
        given = [comparison for comparison in COMPARISONS if entry.has(comparison)]
        baseline = _baseline(entry, task, given)
        for comparison in given:
            threshold = entry.number(comparison, -LARGEST_THRESHOLD, LARGEST_THRESHOLD)
            if len(entry.problems) == before:  # else the values are stand-ins
                _check_champion(entry, comparison, metric, dataset)
            gates.append(
                Gate(metric, dataset, comparison, float(threshold), sliced, severity, baseline, min_rows)
            )
        if len(given) != 1:
            rule = f"must have exactly one of {', '.join(COMPARISONS)}"
            entry.problem("", rule, entry.keys(), "write one comparison per gate")
        for column in sliced:
            if column.lower() not in {known.lower() for known in slices}:
                rule = "must name columns under the model's own slices, where they are measured"
                entry.problem("slices", rule, column, f"write slices: [{column}] in the model's block, too")
        entry.no_other_keys()
    return tuple(gates)


def read_must_beat_constant(block: Block, task: str) -> bool:
    """Return whether a version must be better than the constant baseline to score."""
    rule = f"has no use in task {task}, which has no baseline"
    if not block.only_with("must_beat_constant", task not in WITHOUT_BASELINE, rule, "remove it"):
        return True
    return block.flag("must_beat_constant")


def _min_rows(entry: Block, sliced: tuple[str, ...]) -> int:
    if not entry.only_with("min_rows", bool(sliced), "is for gates with slices", "remove it"):
        return MIN_ROWS if sliced else 0
    return int(entry.number("min_rows", 1, MOST_ROWS, whole=True))


def _check_champion(entry: Block, comparison: str, metric: str, dataset: str) -> None:
    """Collect what makes a comparison with the champion impossible or of no use."""
    if comparison in WITH_CHAMPION and dataset not in CHAMPION_PARTS:
        rule = f"must be {' or '.join(CHAMPION_PARTS)} for {comparison}, where the champion is measured, too"
        entry.problem("dataset", rule, dataset, "name another part or write min or max")
    if comparison == "max_vs_champion" and DIRECTION.get(metric):
        rule = "is for metrics of which less is better"
        entry.problem(comparison, rule, metric, "write min_gain_over_champion instead")


def _baseline(entry: Block, task: str, given: list[str]) -> str | None:
    compares = "min_gain_over_baseline" in given
    if compares and task in WITHOUT_BASELINE:
        rule = f"has no use in task {task}, which has no baseline"
        entry.problem("min_gain_over_baseline", rule, task, "use another comparison")
    if not entry.only_with("baseline", compares, "is for min_gain_over_baseline", "remove it"):
        return None
    return entry.choice("baseline", BASELINES)
