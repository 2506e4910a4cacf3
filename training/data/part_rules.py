"""Rules that each part of a split must meet."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from training.data.label_rules import label_rule
from training.data.split import Part
from training.declared.spec import ModelSpec
from training.estimators.base import LabelRule


def part_problems(
    spec: ModelSpec,
    parts: Mapping[str, Part],
    label: NDArray[np.float64] | None,
    classes: tuple[str, ...],
) -> list[str]:
    """Return what is wrong with the parts of the data."""
    needed = {"train", *(gate.dataset for gate in spec.gates)}
    needed |= {name for name in ("validation", "test") if getattr(spec.split, name)}
    if spec.tuning:
        needed.add("validation")
    problems = []
    for name, part in parts.items():
        if not part.rows:
            if name in needed:
                problems.append(_empty(spec, name))
        elif label is not None and spec.task in ("binary", "multiclass"):
            codes = np.unique(label[part.slice]).astype(np.int64)
            # Metrics of two classes need both; of more, only what is predicted must have been learnt.
            if len(codes) < len(classes) and (spec.task == "binary" or name == "train"):
                problems.append(_lacks_classes(spec, part, classes, codes))
        elif label is not None and name == "train" and (rule := label_rule(spec)):
            problems += _all_zero(spec, part, label, rule)
    return problems


def _empty(spec: ModelSpec, name: str) -> str:
    together = {
        "sequential": ", and rows of the same time stay together; found none; use a finer time, more rows or "
        "other shares.",
        "random": "; found none; use more rows, other shares or another seed.",
        "custom": f"; found no row of it in split column '{spec.split.column}'; mark some in the query.",
        "none": "; found none; choose another split method.",
    }
    return f"part '{name}' of the split must have rows{together[spec.split.method]}"


def _all_zero(spec: ModelSpec, part: Part, label: NDArray[np.float64], rule: LabelRule) -> list[str]:
    if label[part.slice].astype(np.float32).max() > 0:
        return []
    return [
        f"part '{part.name}' of the split must have a label '{spec.label}' above 0 for {rule.reason}; found "
        f"none in its {part.rows} rows; widen the query's period, change the shares or choose another "
        "objective."
    ]


def _lacks_classes(spec: ModelSpec, part: Part, classes: tuple[str, ...], codes: NDArray[np.int64]) -> str:
    seed = ", another seed" if spec.split.method == "random" else ""
    if spec.task == "binary":
        return (
            f"part '{part.name}' of the split must have both classes of label '{spec.label}'; found only "
            f"'{classes[codes[0]]}' in its {part.rows} rows; "
            f"use more rows, other shares{seed}, or no such part."
        )
    missing = [name for position, name in enumerate(classes) if position not in set(codes.tolist())]
    return (
        f"part '{part.name}' of the split must have all classes of label '{spec.label}'; found no row of "
        f"{', '.join(repr(name) for name in missing[:5])} in its {part.rows} rows; filter or group rare "
        f"classes in the query{seed}, or change the shares."
    )
