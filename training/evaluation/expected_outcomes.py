"""What happened to held-out rows with a similar score, by which metrics are estimated before labels are in."""

from __future__ import annotations

from typing import Any

import duckdb

from training.evaluation.metric_macros import render
from training.evaluation.scored_rows import MODEL

EXPECTED, ROWS = "expected", "expected_rows"
"""The curves: what to expect of the rows in a bin of scores, and how many rows say so.

Of a probability `EXPECTED` has its mean in the bin as x and the share of positive rows as y, of a value the share
of the rows with an error as x and the error as y. `ROWS` has the rows of the bin, as many of equal weight as would
say the same, as y. Of several classes, each has curves of its own, as ``expected of late``."""
OF_MODEL = f"from labelled where predictor = '{MODEL}' and dataset <> 'train'"
HELD_OUT = f"{OF_MODEL} and dataset not in (select dataset {OF_MODEL} and not is_finite)"
"""The rows to learn from; none of a part with a score that is not finite."""


def expected_outcomes(work: duckdb.DuckDBPyConnection, task: str) -> list[dict[str, Any]]:
    """Return the points of both curves on the validation and the test rows; none for tasks without a label.

    Parameters
    ----------
    work
        A connection with the tables of `training.evaluation.scored_rows.score_rows`.
    task
        The version's task.
    """
    if task == "binary":
        sql = render("_expected_chances", f"({HELD_OUT})", weight="weight", by=["dataset"])
    elif task == "multiclass":
        pairs = f"""(
            select dataset, weight, outcome.key as class, outcome.value as score, (label = outcome.key)::double as label
            from (select *, unnest(map_entries(probabilities)) as outcome {HELD_OUT})
        )"""
        sql = render("_expected_chances", pairs, weight="weight", by=["dataset", "class"])
    elif task == "regression":
        sql = render("_expected_errors", f"({HELD_OUT})", weight="weight", by=["dataset"])
    else:
        return []
    bins: list[dict[str, Any]] = work.execute(sql).to_arrow_table().to_pylist()
    points = []
    counts = {}
    for each in bins:
        of = f" of {each['class']}" if "class" in each else ""
        place = {"dataset": each["dataset"], "threshold": each["threshold"]}
        points.append({**place, "curve": EXPECTED + of, "x": each["x"], "y": each["y"]})
        # The bin of a value has an entry for each of its errors, and its rows once.
        count = {**place, "curve": ROWS + of, "x": None, "y": each["effective_rows"]}
        counts[tuple(count.values())] = count
    return [*points, *counts.values()]
