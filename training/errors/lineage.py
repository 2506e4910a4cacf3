"""Errors of queries that cannot be followed to raw tables, or run again."""

from __future__ import annotations

from typing import Self

from scoring.errors import WarehouseMLError


class LineageError(WarehouseMLError):
    """A training query whose origin cannot be told; the version keeps the sentence, and training goes on."""

    @classmethod
    def no_dbt(cls) -> Self:
        """Report that nothing is known of what the query reads."""
        return cls(
            "it was trained outside of dbt, which knows what a training query reads; train it in a build"
        )

    @classmethod
    def on_spark(cls) -> Self:
        """Report that training sets of Spark are not kept."""
        return cls(
            "it was trained on Apache Spark, where training sets are not kept; build it on DuckDB to keep one"
        )

    @classmethod
    def from_memory(cls) -> Self:
        """Report rows that no query gives."""
        return cls(
            "its Python file returns a data frame or an Arrow table, which no query gives again; return a DuckDB "
            "relation to keep the query"
        )

    @classmethod
    def not_in_graph(cls, model_name: str) -> Self:
        """Report that dbt has no such model."""
        return cls(f"dbt knows no model '{model_name}' in that schema; give the model the name of its node")

    @classmethod
    def own_rows(cls, model: str) -> Self:
        """Report which model cannot be computed from raw tables."""
        return cls(
            f"the model '{model}', which it reads, reads its own rows, so that no query gives them again; let it "
            "read what they are made of and train again"
        )

    @classmethod
    def not_built(cls, relation: str, reason: str) -> Self:
        """Report which relation is not there."""
        first = reason.splitlines()[0]
        return cls(
            f"{relation}, which it reads, could not be read; DuckDB says: {first}; build it and train again"
        )

    @classmethod
    def not_compiled(cls, reason: str) -> Self:
        """Report what dbt says."""
        said = " ".join(reason.split())
        return cls(
            f"dbt could not compile what it reads by itself and says: {said}; mend that and train again"
        )


class ReplayError(WarehouseMLError):
    """A model that a test of leaks cannot replay as of its cutoff."""

    @classmethod
    def no_query(cls, model: str, kind: str) -> Self:
        """Report what kind of model it is."""
        return cls._not_rendered(model, f"is a {kind}")

    @classmethod
    def own_rows(cls, model: str) -> Self:
        """Report that its rows depend on themselves."""
        return cls._not_rendered(model, "reads its own rows")

    @classmethod
    def _not_rendered(cls, model: str, reason: str) -> Self:
        return cls(
            f"replays_as_of must render {model} again as of the cutoff, but it {reason}, which no query can replay: "
            "test a model that does not read it, or name it under as_built to read its rows as they are."
        )

    @classmethod
    def bare_name(cls, model: str, read: str) -> Self:
        """Report which model it reads without `ref`."""
        return cls(
            f"replays_as_of must render {model} again as of the cutoff with all that it reads, but it reads the "
            f"table of {read} by its name: write ref('{read}') in its place."
        )

    @classmethod
    def no_cutoff(cls, model: str) -> Self:
        """Report that no leak can show."""
        return cls(
            f"replays_as_of must replay models that look at the cutoff, but nothing that {model} reads does, so that "
            "no leak can show: let what reads raw rows keep those for which is_known() holds."
        )
