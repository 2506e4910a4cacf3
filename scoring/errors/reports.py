"""Errors of writing a report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from scoring.errors.base import WarehouseMLError, listed


class ReportError(WarehouseMLError):
    """A report that cannot be written."""

    @classmethod
    def packages_missing(cls, reason: str) -> Self:
        """Report what Python says of the packages that draw."""
        return cls(
            f"The report needs the packages that write pages and plots, but Python says: {reason}; install "
            "them with pip install 'warehouse-ml[report]'."
        )

    @classmethod
    def folder_taken(cls, folder: str, entries: Iterable[str]) -> Self:
        """Name what else is in the folder."""
        return cls(
            f"The folder {folder} holds {listed(sorted(entries))}; --output must be a new folder, an empty "
            "one or an earlier report, which is replaced: name another folder."
        )

    @classmethod
    def manifest_unreadable(cls, path: str) -> Self:
        """Name the manifest."""
        return cls(
            f"{path} cannot be read: it must be the manifest that dbt wrote, from which the report takes "
            "descriptions and owners; run dbt parse to write it again."
        )
