"""Names of tables and views, and files that are read in their place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from glob import iglob
from pathlib import Path, PurePosixPath
from typing import Any, Self

from dbt.adapters.base import BaseRelation
from dbt.adapters.spark import SparkRelation as RelationOfDbtSpark
from dbt_common.exceptions import DbtRuntimeError

from scoring.errors import SparkError

SUFFIXES = ("", ".parquet", ".pq")
"""Of files, patterns and folders that Spark is to read as Parquet."""


@dataclass(frozen=True, eq=False, repr=False)
class SparkRelation(RelationOfDbtSpark):
    """A relation whose quoted names read the same on Spark and in the DuckDB beside it.

    Parameters
    ----------
    external
        Where the files of a source lie, as its ``external_location`` says it; None of a table.
    """

    quote_character: str = '"'
    external: str | None = None

    @classmethod
    def create_from(cls, quoting: Any, relation_config: Any, **options: Any) -> Self:
        """Return the relation of a node, or of a source, which may lie in Parquet files as it does with dbt-duckdb.

        Raises
        ------
        dbt_common.exceptions.DbtRuntimeError
            If a node reads a source that lies in other files.
        """
        if relation_config.resource_type == "source":
            settings = {**relation_config.meta, **getattr(relation_config.config, "extra", {})}
            names = {key: getattr(relation_config, key) for key in ("name", "identifier", "schema")}
            location = _plain(str(settings.get("external_location") or "").format_map({**names, **settings}))
            if _is_parquet(location):
                options["external"] = location or None
            elif "limit" in options:  # else dbt only describes the source, which nobody need read
                source = f"{relation_config.source_name}.{relation_config.name}"
                raise DbtRuntimeError(str(SparkError.not_parquet(source, location)))
        return super().create_from(quoting, relation_config, **options)

    def render(self) -> str:
        """Return the name as SQL has it; there are no databases to render, which dbt-spark takes for an error."""
        if self.external is None:
            return BaseRelation.render(self)
        return f"parquet.`{_path(self.external).replace('`', '``')}`"


def _is_parquet(location: str) -> bool:
    return "(" not in location and PurePosixPath(location).suffix.lower() in SUFFIXES


def _plain(location: str) -> str:
    """Return a location without the quotes that make it a text of SQL."""
    quoted = re.fullmatch(r"'(.*)'", location.strip(), re.DOTALL)
    return quoted[1].replace("''", "'") if quoted else location


def _path(location: str) -> str:
    """Return a location for Spark: local ones from the root, and the folder of files in folders such as month=2024-01.

    Spark makes columns of the names of folders only below the folder that it is given.
    """
    if re.match(r"\w+://", location):
        return location
    path = Path(location).absolute()
    first = next((number for number, part in enumerate(path.parts) if "*" in part), len(path.parts))
    root = Path(*path.parts[:first])
    first_file = next(iglob(str(path), recursive=True), None)
    if first_file is not None and any("=" in part for part in Path(first_file).relative_to(root).parts[:-1]):
        path = root
    return str(path)
