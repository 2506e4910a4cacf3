"""A model version: everything that is known of it, as one frozen value, to and from its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from typing import Any, Self

import pyarrow as pa

from scoring.digests import DECIDING, DIGEST, scoring_digest
from scoring.signature import Signature
from scoring.version_schema import VERSION_SCHEMA

Record = Mapping[str, Any]
"""A struct of the row; see `scoring.version_schema.VERSION_SCHEMA` for its fields."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """A model version, with the columns of `scoring.version_schema.VERSION_SCHEMA` apart from its digest.

    Parameters
    ----------
    scoring_sha256
        The digest that was stored with it; None of one that was never stored.
    """

    model_name: str
    version: int
    created_at: datetime
    task: str
    label: str | None = None
    key: str | None = None
    time_column: str | None = None
    weight_column: str | None = None
    slices: Sequence[str] | None = None
    estimator: str | None = None
    params: str | None = None
    seed: int | None = None
    signature: Record
    split: Record | None = None
    training_snapshot: Record | None = None
    reference_profile: Sequence[Record] | None = None
    training_set: Record | None = None
    data_fingerprint: str | None = None
    config_hash: str | None = None
    changes: Sequence[str] | None = None
    code_version: str | None = None
    library_versions: Sequence[Record] | None = None
    metrics: Sequence[Record] | None = None
    curves: Sequence[Record] | None = None
    confusion: Sequence[Record] | None = None
    gates: Sequence[Record] | None = None
    champion_version: int | None = None
    feature_importance: Sequence[Record] | None = None
    feature_selection: Sequence[Record] | None = None
    tuning_trials: Sequence[Record] | None = None
    parity: Record | None = None
    training_seconds: float | None = None
    peak_memory_bytes: int | None = None
    artifact: bytes
    artifact_sha256: str
    native_model: str | None = None
    sql_form: Record | None = None
    scoring_sha256: str | None = None
    notices: Sequence[str] | None = None
    dbt_invocation_id: str | None = None
    pruned_at: datetime | None = None
    pruned_by: str | None = None

    @property
    def name(self) -> str:
        """The version as a user would name it."""
        return f"{self.model_name}@{self.version}"

    @cached_property
    def signature_value(self) -> Signature:
        """The signature, ready to turn rows into a matrix."""
        return Signature.from_row(self.signature)

    @classmethod
    def from_row(cls, row: pa.Table) -> Self:
        """Return the version that a table of one row holds; columns that it lacks are null."""
        (values,) = row.to_pylist()
        return cls(**{part.name: values.get(part.name) for part in fields(cls)})

    @property
    def digest(self) -> str:
        """The digest of what decides the scores, as its row has it."""
        return str(self.to_row().column(DIGEST)[0].as_py())

    def to_row(self) -> pa.Table:
        """Return the row, with the digest of what decides the scores."""
        values = {name: getattr(self, name) for name in VERSION_SCHEMA.names if name != DIGEST}
        row = pa.Table.from_pylist([values], schema=VERSION_SCHEMA)
        # Taken of the values as the warehouse gives them back.
        (deciding,) = row.select(DECIDING).to_pylist()
        digest = pa.array([scoring_digest(deciding)])
        return row.set_column(row.column_names.index(DIGEST), DIGEST, digest)
