"""The sentence about a gate that a version fails: which gate, what was observed, what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from training.declared.gates import LIVE
from training.evaluation.metrics import NON_FINITE

GAINS = {
    "min_gain_over_champion": "a gain over the champion in ",
    "min_gain_over_baseline": "a gain over the better baseline in ",
    "min_gain_over_constant": "a gain over the constant baseline in ",
    "min_gain_over_linear": "a gain over the linear baseline in ",
    "max_vs_champion": "a ratio to the champion's in ",
}


def failure(model: str, verdict: Mapping[str, Any]) -> str:
    """Return what a version lacks, and what to do.

    Parameters
    ----------
    model
        Name of the model.
    verdict
        One that is not passed.
    """
    subject = f"Version {verdict['version']} of {model}"
    metric, data = verdict["metric"], f"on the {verdict['dataset']} data"
    observed, column = verdict["observed"], verdict["slice_column"]
    if verdict["left_out"] is not None and verdict["dataset"] == LIVE:
        return (
            f"{subject} is not judged yet by the gate on {metric} {data}: {verdict['left_out']}; it can become "
            "champion once monitors of the model have measured so many."
        )
    if verdict["left_out"] is not None:
        return (
            f"{subject} has no {column} that counts for the gate on {metric} {data} ({verdict['left_out']}); lower "
            "min_rows or gate all rows together."
        )
    if metric == NON_FINITE:
        return (
            f"{subject} gives {observed or 0:.0f} rows of the {verdict['dataset']} data a score that is NaN, infinite "
            "or null; every score must be a finite number; correct the model."
        )
    if verdict["comparison"] == "must_beat_constant":
        gain = "its gain is not defined" if observed is None else f"its gain is {observed:.6g}"
        return (
            f"{subject} must be better than the constant baseline in {metric} {data}, but {gain}; improve the model, "
            "or write must_beat_constant: false in its block."
        )
    limit = "at most" if verdict["comparison"] in ("max", "max_vs_champion") else "at least"
    where = ""
    if column is not None:
        value = verdict["slice_value"]
        where = f" for every {column}" if value is None else f" where {column} is {value}"
    return (
        f"{subject} must have {GAINS.get(verdict['comparison'], '')}{metric} {data}{where} of {limit} "
        f"{verdict['threshold']:g}, but {'nothing' if observed is None else f'{observed:.6g}'} was observed; improve "
        "the model or move the gate."
    )
