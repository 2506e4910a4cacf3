"""What drives the scores of a version: contributions over a sample of the rows it learned from, as counts in bins.

No value of a row leaves this module: a bin holds how many rows have a contribution of that size, and the mean rank of
their values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scoring import loading, registry
from scoring.errors import WarehouseMLError
from scoring.explainers import Explainer, Values
from scoring.report.facts import Record
from scoring.signature import Signature
from scoring.warehouse import Relation, Warehouse

ROWS, AT_ONCE, SECONDS = 1000, 50, 3.0
"""Rows of the sample, rows explained at once, and seconds after which no more are explained."""
FEATURES, BINS, BEYOND, FEWEST = 20, 48, 0.001, 3
"""Features and bins that are shown, the share of contributions at either end that the outermost bins take, and rows
below which a bin is not coloured by its values."""


@dataclass(frozen=True)
class Explained:
    """Contributions over a sample of rows, or why there are none.

    Parameters
    ----------
    rows, source
        How many rows, and of which relation.
    importance
        One record per feature and score: the mean size of its contributions.
    bins
        One record per feature and bin of contributions; none where there are several scores.
    problem
        Why there are none, as a sentence.
    """

    rows: int = 0
    source: str = ""
    importance: Sequence[Record] = ()
    bins: Sequence[Record] = ()
    problem: str | None = None


def explained(
    warehouse: Warehouse, relation: Relation, version: int, training_set: Record | None
) -> Explained:
    """Return what each feature adds to the raw scores of a version on a sample of rows.

    Parameters
    ----------
    relation
        The table of the model's versions.
    training_set
        The column of that name.
    """
    try:
        row = registry.version_row(warehouse, relation, version)
        explain = loading.explainer(warehouse, row)
        signature = Signature.from_row(row.signature)
        rows, source = _sample(warehouse, signature, training_set)
        if not rows.num_rows:
            return Explained(
                problem="No table that the training read holds all features any more, so that there are no "
                "rows to explain."
            )
        matrix = signature.matrix(rows.combine_chunks().to_batches()[0], model=row.name)
    except WarehouseMLError as error:
        return Explained(problem=str(error))
    contributions = _in_time(explain, matrix)
    matrix = matrix[: len(contributions)]
    names = [feature.name for feature in signature.features]
    sizes = np.abs(contributions).mean(axis=0)
    order = np.argsort(-sizes.sum(axis=0), kind="stable")[:FEATURES]
    scores = signature.classes if len(sizes) > 1 else [""]
    importance = [
        {"feature": names[index], "score": score, "size": float(size[index])}
        for index in order
        for score, size in zip(scores, sizes, strict=True)
    ]
    bins = list(_bins(contributions[:, 0], matrix, signature, order)) if len(sizes) == 1 else []
    return Explained(len(matrix), source, importance, bins)


def _in_time(explain: Explainer, matrix: Values) -> Values:
    """Return the contributions to the first rows, as many as a report has the time for."""
    started, parts = perf_counter(), []
    for start in range(0, len(matrix), AT_ONCE):
        parts.append(explain(matrix[start : start + AT_ONCE])[:, :, :-1])
        if perf_counter() - started > SECONDS:
            break
    return np.concatenate(parts)


def _sample(warehouse: Warehouse, signature: Signature, training_set: Record | None) -> tuple[pa.Table, str]:
    """Return rows of the relation nearest to the training query that holds every feature; none if none does."""
    names = [feature.name for feature in signature.features]
    for item in reversed((training_set or {}).get("inputs") or []):
        for relation in _relations(warehouse, item["relation"]):
            present = {name.lower(): name for name in warehouse.columns(relation)}
            if not {name.lower() for name in names} <= present.keys():
                continue
            rows = warehouse.arrow(
                f"select * from {relation.sql} using sample reservoir({ROWS} rows) repeatable (1)"
            )
            return rows, str(relation)
    return pa.table({}), ""


def _relations(warehouse: Warehouse, name: str) -> Iterator[Relation]:
    """Yield the relation that a name of the training set's inputs means."""
    rows = warehouse.rows(
        """
        select distinct database_name, schema_name, table_name from duckdb_columns()
        where ? in (schema_name || '.' || table_name, database_name || '.' || schema_name || '.' || table_name)
        order by database_name = current_database() desc
        """,
        [name],
    )
    yield from (Relation(*parts) for parts in rows[:1])


def _bins(
    contributions: Values,
    matrix: Values,
    signature: Signature,
    order: NDArray[np.int64],
) -> Iterator[Record]:
    shown = contributions[:, order]
    low, high = np.quantile(shown, [BEYOND, 1 - BEYOND]) if shown.size else (0.0, 0.0)
    edges = np.linspace(low, high if high > low else low + 1.0, BINS + 1)
    for index in order:
        values = contributions[:, index]
        places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, BINS - 1)
        ranks = _ranks(matrix[:, index]) if signature.features[index].type != "category" else None
        for place in np.unique(places):
            chosen = places == place
            count = int(chosen.sum())
            present = ranks[chosen][~np.isnan(ranks[chosen])] if ranks is not None else np.empty(0)
            yield {
                "feature": signature.features[index].name,
                "from": float(edges[place]),
                "to": float(edges[place + 1]),
                "rows": count,
                "rank": float(present.mean()) if len(present) >= FEWEST else None,
            }


def _ranks(values: Values) -> Values:
    """Return the share of values below each value; NaN where there is none."""
    ordered = np.sort(values[~np.isnan(values)])
    below = (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / 2
    return np.where(np.isnan(values), np.nan, below / max(len(ordered), 1))
