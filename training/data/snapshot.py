"""The training snapshot: what the rows that a version was fitted on looked like."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scoring.scratch import scratch
from scoring.signature import Feature, Signature
from training.data.feature_rules import doubles
from training.data.fingerprint import fingerprint
from training.data.number_bins import scale_of
from training.sql import quoted

EXACT_ROWS = 100_000
HASHES_KEPT = 4096
"""The standard error of an estimate of distinct values is 1 / sqrt(`HASHES_KEPT` - 2), 1.6 percent."""
ROWS_IN_CACHE = 65_536

Values = NDArray[np.float64]


def snapshot(rows: pa.Table, signature: Signature, *, time: str | None) -> dict[str, Any]:
    """Return the ``training_snapshot`` of a version row.

    Parameters
    ----------
    rows
        The rows that the version was fitted on.
    signature
        Its features.
    time
        Name of the column with the prediction time, the latest of which is the cutoff; None if there is none.

    Returns
    -------
    dict
        Nulls count null and NaN; mean, standard deviation (of the sample) and limits are over finite
        values, and null for categories; instants are in seconds since 1970. Distinct values are estimated
        (`_distinct`) where there are more than `EXACT_ROWS` rows.
    """
    batches = rows.to_batches(max_chunksize=ROWS_IN_CACHE)
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # NumPy lets others run while it computes
        features = list(threads.map(partial(_described, batches), signature.features))
    with scratch() as work:
        work.register("rows", rows)
        latest = "null" if time is None else quoted(time)
        (cutoff,) = work.execute(f"select max({latest})::timestamp from rows").fetchall()[0]
        identity = fingerprint(work, "rows", {field.name: str(field.type) for field in rows.schema})
    return {"rows": rows.num_rows, "fingerprint": identity, "cutoff": cutoff, "features": features}


def _described(batches: Sequence[pa.RecordBatch], feature: Feature) -> dict[str, Any]:
    """Return the statistics of a feature."""
    read = [doubles(feature, batch.column(feature.name)) for batch in batches]
    missing = [np.isnan(values) for values in read]
    known = [values[~nan] if nan.any() else values for values, nan in zip(read, missing, strict=True)]
    statistics: dict[str, Any] = {
        "name": feature.name,
        "type": feature.type,
        "nulls": int(sum(map(np.count_nonzero, missing))),
        "distinct_values": _distinct(known),
    }
    return statistics | _moments([] if feature.type == "category" else known)


def _moments(parts: Sequence[Values]) -> dict[str, float | None]:
    """Return mean, deviation and limits of the finite values of a column; None where there are too few.

    Parts are combined as in Chan, Golub and LeVeque, Updating Formulae and a Pairwise Algorithm for Computing Sample
    Variances, 1979.
    """
    parts = [values if (finite := np.isfinite(values)).all() else values[finite] for values in parts]
    parts = [values for values in parts if len(values)]
    if not parts:
        return dict.fromkeys(("mean", "stddev", "min", "max"))
    low, high = min(float(values.min()) for values in parts), max(float(values.max()) for values in parts)
    scale = scale_of(max(abs(low), abs(high)))
    count, mean, squares = 0, 0.0, 0.0
    for values in parts:
        scaled = values if scale == 1 else values / scale
        centre, more = float(scaled.mean()), len(values)
        step = centre - mean
        mean += step * more / (count + more)
        squares += float(np.square(scaled - centre).sum()) + step * step * count * more / (count + more)
        count += more
    deviation = math.sqrt(squares / (count - 1)) * scale if count > 1 else math.inf
    return {
        "mean": mean * scale,
        "stddev": deviation if math.isfinite(deviation) else None,
        "min": low,
        "max": high,
    }


def _distinct(parts: Sequence[Values]) -> int:
    """Return how many distinct values there are: exact of few rows or few values, else an estimate.

    Of k least hashes, the largest is about the kth part of the way through the range of all hashes divided by their
    number: Beyer, Haas, Reinwald, Sismanis and Gemulla, On Synopses for Distinct-Value Estimation Under Multiset
    Operations, 2007.
    """
    if sum(map(len, parts)) <= EXACT_ROWS:
        return len(_ascending(np.concatenate([*parts, np.empty(0)])))
    kept, limit = np.empty(0, np.uint64), np.uint64(2**64 - 1)
    for values in parts:
        hashes = _hashes(values)
        kept = _ascending(np.concatenate([kept, hashes[hashes <= limit]]))[:HASHES_KEPT]
        if len(kept) == HASHES_KEPT:
            limit = kept[-1]
    return len(kept) if len(kept) < HASHES_KEPT else round((HASHES_KEPT - 1) / (float(limit) / 2.0**64))


def _ascending(values: NDArray[Any]) -> NDArray[Any]:
    """Return the distinct values in order; sorting takes a fraction of the time of the hash table of ``np.unique``."""
    ordered = np.sort(values)
    is_first = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    return np.asarray(ordered[is_first])


def _hashes(values: Values) -> NDArray[np.uint64]:
    """Return 64 bits for each value, equal for equal values: the last step of MurmurHash3 (Austin Appleby)."""
    bits = (values + 0.0).view(np.uint64)  # of both zeros the positive one
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        bits ^= bits >> np.uint64(33)
        bits *= np.uint64(factor)
    bits ^= bits >> np.uint64(33)
    return bits
