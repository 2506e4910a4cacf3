"""Gates: those a model declares and those every model has, as a version row keeps them, and their verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from scoring.scratch import scratch
from scoring.version_schema import VERSION_SCHEMA
from training.declared.spec import Gate, ModelSpec
from training.evaluation.baselines import LINEAR
from training.evaluation.constant import quantile_of
from training.evaluation.live_rows import LIVE_SCHEMA
from training.evaluation.metrics import DIRECTION, NON_FINITE, PINBALL

MUST_BEAT_CONSTANT = "must_beat_constant"
"""The comparison of the gate that asks for more than the constant baseline gives."""
OFF = "off"
"""The severity of that gate where the model's block does without; a later block may ask for it again."""
MIN_ROWS = "min_rows"
"""The comparison of an entry that is no gate: its threshold is the ``min_rows`` of a gate on slices."""


SQL = Path(__file__).with_name("gate_verdicts.sql")
JUDGED = ("version", "champion_version", "metrics", "gates", "parity")
"""The columns of a version row that decide whether it passes."""


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


def declared_rows(spec: ModelSpec) -> list[dict[str, Any]]:
    """Return the gates of a model's block in the same form, without those that every model has."""
    return [row for gate in spec.gates for row in _rows(gate)]


def verdicts(
    versions: pa.Table, spec: ModelSpec, *, champion: int | None = None, live: pa.Table | None = None
) -> list[dict[str, Any]]:
    """Return the verdict of every gate on every version, as `scoring.decisions.VERDICTS` has them.

    Parameters
    ----------
    versions
        The columns `JUDGED` of version rows.
    spec
        The model's configuration of today.
    champion
        The version that scores, with which live rows are compared.
    live
        What was measured on live rows, see `training.evaluation.live_rows.measured`; None if nothing was.
    """
    declared = pa.Table.from_pylist(
        [
            {
                "declared_gates": declared_rows(spec),
                "may_lose_to_constant": not spec.must_beat_constant,
                "live_champion": champion,
            }
        ],
        schema=pa.schema(
            {
                "declared_gates": VERSION_SCHEMA.field("gates").type,
                "may_lose_to_constant": pa.bool_(),
                "live_champion": pa.int32(),
            }
        ),
    )
    metrics = pa.table({"metric": list(DIRECTION), "is_greater_better": list(DIRECTION.values())})
    tables = {
        "versions": versions,
        "declared": declared,
        "metrics": metrics,
        "live": LIVE_SCHEMA.empty_table() if live is None else live,
    }
    with scratch() as work:
        for name, table in tables.items():
            work.register(name, table)
        rows: list[dict[str, Any]] = (
            work.execute(SQL.read_text(encoding="utf-8")).to_arrow_table().to_pylist()
        )
    return rows


def passing(judged: Iterable[Mapping[str, Any]]) -> tuple[int, ...]:
    """Return the versions that met the gates they were trained under, or meet those of today.

    A version that scored yesterday is not stopped by a gate that was tightened today.
    """
    by_version: dict[int, list[Mapping[str, Any]]] = {}
    for verdict in judged:
        by_version.setdefault(verdict["version"], []).append(verdict)
    return tuple(
        version
        for version, gates in by_version.items()
        if any(
            all(gate["is_passed"] for gate in gates if gate["severity"] == "error" and gate[when])
            for when in ("is_declared_at_training", "is_declared_today")
        )
    )


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
    return [*rows, *({**row, **kept} for row in rows if min_rows)]
