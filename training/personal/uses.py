"""What takes in no personal data unless it is allowed by name: training sets, feature views, slices of monitors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.declared import feature_view, ml_monitor
from training.errors import PersonalDataError
from training.personal.carried import NAMED_AFTER_VALUES, Carried, Trace
from training.personal.marks import meta_of
from training.personal.rows import NOT_FOLLOWED

ALLOWED, KEY, REFUSED = "allowed", "key", "refused"
"""Whether a use may hold a personal column: by `allow_pii`, as a key, or not."""


@dataclass(frozen=True)
class Use:
    """A use of columns.

    Parameters
    ----------
    kind
        What it is, as a sentence begins with it.
    name
        The name of its node.
    keys
        Columns that identify a row, in lower case: no value of them is learnt or kept beside the rows.
    allowed
        Columns that `allow_pii` names, in lower case.
    only
        The columns that count, in lower case; None for all.
    language
        That of its query.
    """

    kind: str
    name: str
    keys: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    language: str = "sql"

    def counts(self, column: str) -> bool:
        """Return whether it takes in a column of its query."""
        return self.only is None or column.lower() in self.only

    def permission(self, column: str) -> str:
        """Return whether it may hold a personal column."""
        key = column.lower()
        return ALLOWED if key in self.allowed else KEY if key in self.keys else REFUSED

    def personal(self, carried: Carried) -> Iterator[tuple[str, Trace]]:
        """Yield the personal columns that count, with one way in which each came."""
        for name, traces in carried.columns.items():
            if self.counts(name):
                yield name, min(traces, key=_clearness)
        if carried.rest and carried.shape is not None:
            listed = {name.lower() for name in carried.columns} | carried.shape.columns.keys()
            for name in sorted((self.only or frozenset()) - listed):
                yield name, min(carried.rest, key=_clearness)


TRAINING_SET, FEATURE_VIEW, MONITOR = "Training set of model", "Feature view", "Monitor"


def use_of(node: Any) -> Use | None:
    """Return the use that a node of dbt makes of its columns; None where it may hold any."""
    meta, language = meta_of(node), getattr(node, "language", None) or "sql"
    materialized = getattr(node.config, "materialized", None)
    if materialized == "ml_model":
        block = _block(meta, "ml")
        return Use(TRAINING_SET, node.name, _lower(block.get("key")), _allowed(block), language=language)
    if materialized == ml_monitor.MATERIALIZATION:
        block = _block(meta, ml_monitor.BLOCK)
        return Use(MONITOR, node.name, frozenset(), _allowed(block), _lower(block.get("slices")), language)
    if feature_view.BLOCK in meta:
        block = _block(meta, feature_view.BLOCK)
        return Use(FEATURE_VIEW, node.name, _lower(block.get("keys")), _allowed(block), language=language)
    return None


def unknown_names(use: Use, columns: Sequence[str]) -> str | None:
    """Return the sentence on names of `allow_pii` that no column has; None if there are none."""
    missing = sorted(use.allowed - {column.lower() for column in columns})
    return str(PersonalDataError.unknown_column(use.kind, use.name, missing, columns)) if missing else None


def problem_of(use: Use, carried: Carried, *, certain: bool = False) -> str | None:
    """Return the sentence on the personal data that a use must not hold; None if there is none.

    Parameters
    ----------
    carried
        The personal data that come to it.
    certain
        Whether columns do not count whose values could not be followed.
    """
    if carried.inputs:
        inputs = [
            f"{relation}.{name}" for relation, name, _ in carried.inputs if name.lower() not in use.allowed
        ]
        if not inputs or certain or use.only == frozenset():
            return None
        return str(PersonalDataError.not_followed(use.kind, use.name, inputs, use.language))
    refused = [
        (name, trace)
        for name, trace in use.personal(carried)
        if use.permission(name) == REFUSED and not (certain and trace.how == NOT_FOLLOWED)
    ]
    if not refused:
        return None
    shown = [(name, *_shown(trace)) for name, trace in refused]
    return str(PersonalDataError.not_allowed(use.kind, use.name, shown, unnameable=NAMED_AFTER_VALUES))


def _clearness(trace: Trace) -> tuple[bool, int, tuple[str, ...]]:
    return trace.how == NOT_FOLLOWED, len(trace.path), trace.path


def _shown(trace: Trace) -> tuple[Sequence[str], str]:
    return trace.path, trace.how


def _block(meta: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    block = meta.get(name)
    return block if isinstance(block, Mapping) else {}


def _allowed(block: Mapping[str, Any]) -> frozenset[str]:
    return _lower(block.get("allow_pii"))


def _lower(names: object) -> frozenset[str]:
    listed: Iterable[object] = [names] if isinstance(names, str) else names if isinstance(names, list) else ()
    return frozenset(str(name).lower() for name in listed)
