"""One SHA-256 over everything in a version row that decides a score or an explanation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

DIGEST = "scoring_sha256"
"""The column that holds it."""
DECIDING = ("task", "estimator", "signature", "artifact_sha256", "native_model", "sql_form")
"""The columns that it covers. The artifact is covered by its own SHA-256."""
_LONG = "native_model"
"""Text of megabytes, which goes in as a SHA-256 of its own."""


def scoring_digest(values: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hexadecimal, of what decides the scores of a version.

    It is taken over JSON with sorted keys. Fields that are null are left out, so that a field added to the
    signature by a later release leaves the digests of older rows as they are.

    Parameters
    ----------
    values
        A version row as DuckDB and Arrow give it, at least the columns `DECIDING`.

    Examples
    --------
    >>> row = dict.fromkeys(DECIDING) | {"task": "binary"}
    >>> scoring_digest(row)[:12], scoring_digest({**row, "task": "anomaly"})[:12]
    ('6797b5e5d363', '269bb07ca153')
    """
    deciding = {name: values[name] for name in DECIDING}
    if isinstance(deciding[_LONG], str):
        deciding[_LONG] = sha256(deciding[_LONG].encode()).hexdigest()
    return digest_of(deciding)


def digest_of(value: Any) -> str:
    """Return the SHA-256 of a value made of texts, numbers, lists and mappings."""
    text = json.dumps(_without_nulls(value), sort_keys=True, separators=(",", ":"), default=str)
    return sha256(text.encode()).hexdigest()


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(part) for key, part in value.items() if part is not None}
    if isinstance(value, list | tuple):
        return [_without_nulls(part) for part in value]
    return value
