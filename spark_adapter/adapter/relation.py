"""Names of tables and views."""

from __future__ import annotations

from dataclasses import dataclass

from dbt.adapters.base import BaseRelation
from dbt.adapters.spark import SparkRelation as RelationOfDbtSpark


@dataclass(frozen=True, eq=False, repr=False)
class SparkRelation(RelationOfDbtSpark):
    """A relation whose quoted names read the same on Spark and in the DuckDB beside it."""

    quote_character: str = '"'

    def render(self) -> str:
        """Return the name as SQL has it; there are no databases to render, which dbt-spark takes for an error."""
        return BaseRelation.render(self)
