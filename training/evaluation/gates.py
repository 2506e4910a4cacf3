"""The gates of a version as its row keeps them: those its model declares, and those every model has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from training.declared.spec import Gate, ModelSpec
from training.evaluation.baselines import LINEAR
from training.evaluation.constant import quantile_of
from training.evaluation.metrics import NON_FINITE, PINBALL

MUST_BEAT_CONSTANT = "must_beat_constant"
"""The comparison of the gate that asks for more than the constant baseline gives."""
OFF = "off"
"""The severity of that gate where the model's block does without; a later block may ask for it again."""
MIN_ROWS = "min_rows"
"""The comparison of an entry that is no gate: its threshold is the ``min_rows`` of a gate on slices."""


def gate_rows(spec: ModelSpec, parts: Iterable[str]) -> list[dict[str, Any]]:
    """Return the column ``gates`` of a version row: one row per gate, and per column where it has slices.

    Parameters
    ----------
    spec
        The model's configuration.
    parts
        The parts of the split that have rows.
    """
    return [row for gate in (*spec.gates, *implied_gates(spec, parts)) for row in _rows(gate)]


def implied_gates(spec: ModelSpec, parts: Iterable[str]) -> tuple[Gate, ...]:
    """Return the gates that every model has: finite scores, and more than a constant on the held-out rows."""
    parts = tuple(parts)
    gates = [Gate(NON_FINITE, part, "max", 0.0) for part in parts]
    if spec.task in LINEAR:
        held_out = next((part for part in ("test", "validation") if part in parts), "train")
        severity = "error" if spec.must_beat_constant else OFF
        gates.append(Gate(constant_metric(spec), held_out, MUST_BEAT_CONSTANT, 0.0, severity=severity))
    return tuple(gates)


def constant_metric(spec: ModelSpec) -> str:
    """Return the metric in which a version must beat the constant: one that no constant but it makes best.

    The Brier score, which a single certain error does not decide, as it can the log loss. Where weights of
    classes change the probabilities on purpose, a metric that their size does not count in. Of values the
    root mean squared error, or the loss of the quantile that the objective aims at.
    """
    if spec.task == "regression":
        quantile = quantile_of(spec.params)
        return {None: "rmse", 0.5: "mae"}.get(quantile, PINBALL)
    settings = {*spec.params, *(spec.tuning.search if spec.tuning else ())}
    if spec.class_weight or "scale_pos_weight" in settings:
        return "roc_auc" if spec.task == "binary" else "f1_macro"
    return "brier"


def _rows(gate: Gate) -> list[dict[str, Any]]:
    values = asdict(gate)
    values.pop("slices")
    baseline, min_rows = values.pop("baseline"), values.pop("min_rows")
    if baseline:
        values["comparison"] = f"min_gain_over_{baseline}"
    rows = [{**values, "slice_column": column} for column in gate.slices or (None,)]
    kept = {"comparison": MIN_ROWS, "threshold": float(min_rows)}
    return [*rows, *({**row, **kept} for row in rows if row["slice_column"] is not None)]
