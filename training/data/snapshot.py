"""The training snapshot: what the rows that a version was fitted on looked like."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Sequence
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
Hashes = NDArray[np.uint64]


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
        (`_Distinct`) where there are more than `EXACT_ROWS` rows.
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

    def parts() -> Iterator[Values]:  # converted again for each pass, so that no column is held twice
        return (doubles(feature, batch.column(feature.name)) for batch in batches)

    nulls, low, high = 0, math.inf, -math.inf
    distinct = _Distinct(EXACT_ROWS + 1 if sum(map(len, batches)) <= EXACT_ROWS else HASHES_KEPT)
    for values in parts():
        missing = np.isnan(values)
        nulls += int(np.count_nonzero(missing))
        distinct.add(values[~missing] if missing.any() else values)
        finite = _finite(values)
        low, high = min(low, finite.min(initial=math.inf)), max(high, finite.max(initial=-math.inf))
    statistics = dict.fromkeys(("mean", "stddev", "min", "max"))
    if feature.type != "category" and low <= high:
        scale = scale_of(max(abs(low), abs(high)))
        mean, deviation = _moments(map(_finite, parts()), scale)
        statistics |= {"mean": mean, "stddev": deviation, "min": float(low), "max": float(high)}
    return {
        "name": feature.name,
        "type": feature.type,
        "nulls": nulls,
        "distinct_values": distinct.count(),
        **statistics,
    }


def _finite(values: Values) -> Values:
    is_finite = np.isfinite(values)
    return values if is_finite.all() else values[is_finite]


def _moments(parts: Iterable[Values], scale: float) -> tuple[float, float | None]:
    """Return mean and deviation of a column, the latter None of one value or beyond a double.

    Parts are combined as in Chan, Golub and LeVeque, Updating Formulae and a Pairwise Algorithm for Computing Sample
    Variances, 1979.
    """
    count, mean, squares = 0, 0.0, 0.0
    for values in parts:
        if not (more := len(values)):
            continue
        scaled = values if scale == 1 else values / scale
        centre = float(scaled.mean())
        step = centre - mean
        mean += step * more / (count + more)
        squares += float(np.square(scaled - centre).sum()) + step * step * count * more / (count + more)
        count += more
    deviation = math.sqrt(squares / (count - 1)) * scale if count > 1 else math.inf
    return mean * scale, deviation if math.isfinite(deviation) else None


class _Distinct:
    """Counts distinct values by their hashes: exactly where there are fewer than are kept, else by an estimate.

    Of k least hashes, the largest is about the kth part of the way through the range of all hashes divided by their
    number: Beyer, Haas, Reinwald, Sismanis and Gemulla, On Synopses for Distinct-Value Estimation Under Multiset
    Operations, 2007.

    Parameters
    ----------
    most
        How many hashes are kept, the least ones.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept = np.empty(0, np.uint64)

    def add(self, values: Values) -> None:
        """Count more values, none of them NaN."""
        hashes = _hashes(values)
        if len(self._kept) == self._most:
            hashes = hashes[hashes < self._kept[-1]]
        self._kept = _ascending(np.concatenate([self._kept, hashes]))[: self._most]

    def count(self) -> int:
        """Return how many distinct values there were."""
        if len(self._kept) < self._most:
            return len(self._kept)
        return round((self._most - 1) / (float(self._kept[-1]) / 2.0**64))


def _ascending(hashes: Hashes) -> Hashes:
    """Return the distinct hashes in order; sorting takes a fraction of the time of the hash table of ``np.unique``."""
    ordered = np.sort(hashes)
    is_first = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    return np.asarray(ordered[is_first])


def _hashes(values: Values) -> Hashes:
    """Return 64 bits for each value, equal for equal values: the last step of MurmurHash3 (Austin Appleby)."""
    bits = (values + 0.0).view(np.uint64)  # of both zeros the positive one
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        bits ^= bits >> np.uint64(33)
        bits *= np.uint64(factor)
    bits ^= bits >> np.uint64(33)
    return bits
