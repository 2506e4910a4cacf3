"""Errors of connections and warehouse files."""

from __future__ import annotations

from typing import Self

from scoring.errors.base import WarehouseMLError


class ConnectionGoneError(WarehouseMLError):
    """A SQL function that has outlived the connection it was registered on."""

    @classmethod
    def for_lookup(cls) -> Self:
        """Report that the registering connection no longer exists."""
        return cls(
            "The model cannot be looked up: the connection that the SQL functions were registered on is "
            "gone; keep the object that scoring.connect() returned for as long as its cursors are used."
        )


class DatabaseNameError(WarehouseMLError):
    """A file whose name makes a database that the project cannot be built in."""

    @classmethod
    def of_a_schema(cls, path: str, name: str) -> Self:
        """Return the error for a file called like a schema."""
        return cls(
            f"The warehouse {path} conflicts with the schema {name}: DuckDB calls a database after its file, "
            f"so {name}.<table> is ambiguous; give the file another name, for example warehouse.duckdb."
        )

    @classmethod
    def renamed(cls, path: str, name: str, database: str) -> Self:
        """Return the error for a file whose name DuckDB does not take as dbt does."""
        return cls(
            f"The warehouse {path} cannot be built: dbt calls the database {database} and DuckDB calls it "
            f"{name}; give the file a name other than main, temp and system, for example warehouse.duckdb."
        )


class LockedWarehouseError(WarehouseMLError):
    """A warehouse file that another process holds."""

    @classmethod
    def held_by(cls, path: str, process: str) -> Self:
        """Report which process holds the file."""
        return cls(
            f"The warehouse {path} is locked: one process at a time can write to a DuckDB file, and process "
            f"{process} has it open; close it there, or wait until it ends, and run again."
        )


class MemoryLimitError(WarehouseMLError):
    """A limit of memory that DuckDB does not take."""

    @classmethod
    def of(cls, text: str) -> Self:
        """Name the text and how a limit is written."""
        return cls(
            f"--memory is '{text}'; it must be a number with a unit, such as 2GB, 500MB or 1.5GiB: "
            "correct it."
        )

    @classmethod
    def too_small(cls) -> Self:
        """Report that the limit does not suffice."""
        return cls("DuckDB needs more memory than it may use: raise the limit, for example --memory 4GB.")


class NoWarehouseError(WarehouseMLError):
    """A warehouse file that is not there, or is none."""

    @classmethod
    def at(cls, path: str) -> Self:
        """Report which file was looked for."""
        return cls(
            f"The warehouse {path} is not there: it must be the DuckDB file that dbt built; name it by "
            "--warehouse or the variable WAREHOUSE_ML_WAREHOUSE, or build it first."
        )

    @classmethod
    def not_a_database(cls, path: str) -> Self:
        """Report a file of another kind."""
        return cls(f"The file {path} is not a DuckDB database: name the file that dbt built.")

    @classmethod
    def unreadable(cls, path: str, reason: str) -> Self:
        """Report a file that DuckDB does not open."""
        return cls(
            f"The warehouse {path} cannot be opened; DuckDB says: {reason}; name the file that dbt built, or restore "
            "it from a copy."
        )

    @classmethod
    def for_load(cls, path: str) -> Self:
        """Report which file `scoring.load` looked for."""
        return cls(
            f"The warehouse {path} is not there: it must be the DuckDB file that dbt built; pass its path, as in "
            "scoring.load('m', 'warehouse.duckdb'), set the variable WAREHOUSE_ML_WAREHOUSE, or build it first."
        )
