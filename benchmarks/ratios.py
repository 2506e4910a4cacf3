"""One table of what the benchmarks compare with other people's code, beside the last release's.

A script records each comparison of times, in runs that took turns; only ratios are compared with those of the
last release, as they depend on the machine much less than seconds do. Ends with 1 if a ratio has grown by
`WORSE` or more. With ``--keep``, the ratios become those of the last release instead.

BENCHMARK=short makes the scripts measure fewer rows; its ratios are kept apart, as overheads weigh more.

Usage: [BENCHMARK=short] python benchmarks/ratios.py [--keep]
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
FORMS = ("full", "short")
FORM = os.environ.get("BENCHMARK", "full")
if FORM not in FORMS:
    raise SystemExit(f"BENCHMARK is {FORM}; it must be one of {', '.join(FORMS)}")
MEASURED = ROOT / "target" / f"ratios_{FORM}.json"
LAST_RELEASE = ROOT / "benchmarks" / "last_release.json"
WORSE = 1.3

Record = dict[str, Any]


def size(full: int, *, short: int) -> int:
    """Return how many rows, trees or runs this form of the benchmarks measures."""
    return short if FORM == "short" else full


def record(
    work: str,
    ours: Sequence[float],
    peer: str,
    theirs: Sequence[float],
    *,
    at_most: float | None = None,
    version: str | None = None,
) -> None:
    """Add a comparison to the file of this run, or replace the one of the same work and peer.

    Parameters
    ----------
    work
        What was done.
    ours, theirs
        Seconds of the runs, in the order in which they took turns.
    peer
        The distribution that did the same.
    at_most
        The largest ratio that is promised for the full number of rows, if one is.
    version
        The peer's version, where it is not installed here.
    """
    records = _by_name(json.loads(MEASURED.read_text()) if MEASURED.exists() else [])
    records[work, peer] = {
        "work": work,
        "ours_seconds": round(median(ours), 4),
        "peer": peer,
        "version": version or metadata.version(peer),
        "peer_seconds": round(median(theirs), 4),
        "ratio": round(median(one / other for one, other in zip(ours, theirs, strict=True)), 4),
        "at_most": round(at_most, 3) if at_most and FORM == "full" else None,
    }
    MEASURED.parent.mkdir(exist_ok=True)
    MEASURED.write_text(json.dumps(list(records.values()), indent=2) + "\n")


def _by_name(records: Sequence[Record]) -> dict[tuple[str, str], Record]:
    return {(one["work"], one["peer"]): one for one in records}


def compare(measured: Sequence[Record], last: Sequence[Record]) -> int:
    """Print the table; return 1 if a ratio is `WORSE` times that of the last release or more, else 0."""
    kept = _by_name(last)
    worse = 0
    print(f"{'work':46}{'ours':>9}  {'peer':21}{'its':>9}{'ratio':>8}{'at most':>9}{'last':>8}")
    for one in measured:
        before = kept.pop((one["work"], one["peer"]), None)
        grown = one["ratio"] / before["ratio"] if before else 0
        worse += grown >= WORSE
        print(
            f"{one['work']:46}{one['ours_seconds']:8.3f}s  {one['peer'] + ' ' + one['version']:21}"
            f"{one['peer_seconds']:8.3f}s{one['ratio']:8.3f}{one['at_most'] or '':>9}"
            f"{before['ratio'] if before else '':>8}{f'  {grown:.2f} times the last' if grown >= WORSE else ''}"
        )
    for work, peer in kept:
        print(f"{work}, {peer}: compared at the last release, but not in this run")
    if worse:
        print(f"{worse} of {len(measured)} ratios are {WORSE} times those of the last release or more.")
    return int(worse > 0)


def main(arguments: Sequence[str]) -> int:
    """Compare the ratios measured last with the last release's, or keep them; return the exit code."""
    measured = json.loads(MEASURED.read_text())
    last = json.loads(LAST_RELEASE.read_text())
    if "--keep" in arguments:
        LAST_RELEASE.write_text(json.dumps(last | {FORM: measured}, indent=2) + "\n")
        return 0
    return compare(measured, last[FORM])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
