"""What training asks of rows that it does not hold: the port, behind which Spark is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

if TYPE_CHECKING:
    from scoring.signature import Signature
    from training.data.prepared_rows import Rows
    from training.data.split import Part
    from training.declared.spec import ModelSpec
    from training.estimators.base import Fitted


@dataclass(frozen=True)
class PartFacts:
    """All rows of a part of the split: how many, and the limits of their time, None without a time."""

    rows: int
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class Whole(Protocol):
    """All rows of a training query, of which some are fetched."""

    def fingerprint(self) -> str:
        """Return what identifies all rows, whatever their order."""

    def count_later(self, time: str | None, latest: datetime | None) -> int:
        """Return how many rows are later than an instant; all rows where one of both is None."""

    def fetch(self, spec: ModelSpec, features: Mapping[str, str]) -> pa.Table:
        """Return the rows that training works on: those that break a rule, and else a sample of each part.

        The same rows give the same sample. It has a row of each class, and of each category in the training part.

        Parameters
        ----------
        spec
            The model's configuration, with columns spelled as the query spells them.
        features
            DuckDB's name for the type of each feature.
        """

    def rank(self, spec: ModelSpec) -> str:
        """Return SQL of DuckDB for the position of a fetched row's part; see `training.data.split.rank`."""

    def check(self, parts: Mapping[str, Part]) -> None:
        """Check that the fetched rows are in the parts that they were fetched from."""

    def facts(self, part: str) -> PartFacts:
        """Return what is known of all rows of a part."""

    def class_counts(self, spec: ModelSpec, kind: str, classes: tuple[str, ...]) -> Sequence[int]:
        """Return the number of training rows of each class, ``kind`` being DuckDB's name for the label's type."""

    def fit(self, rows: Rows) -> Fitted:
        """Return a model fitted on all training rows; the fetched ones say how."""

    def snapshot(self, of_sample: Mapping[str, Any], signature: Signature) -> dict[str, Any]:
        """Return the training snapshot of all training rows, given that of the fetched ones."""

    def notices(self) -> list[str]:
        """Return what a version must say of how it was trained and measured."""
