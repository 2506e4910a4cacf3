"""What macros ask about personal data, found through an entry point."""

from __future__ import annotations

import duckdb

from scoring import training_packages
from scoring.errors import WarehouseMLError


def ask(cursor: duckdb.DuckDBPyConnection, request: str) -> list[str]:
    """Return what is wrong, one sentence each; see `training.personal.project.personal_data`.

    Parameters
    ----------
    cursor
        A connection to the warehouse.
    request
        The request, as JSON.
    """
    try:
        problems: list[str] = training_packages.load("personal_data", "Personal data")(cursor, request)
    except WarehouseMLError as error:
        return [f"Personal data could not be followed: {error}"]
    except duckdb.InterruptException:
        raise
    except Exception as error:  # it ends in a sentence: what it says may quote a value
        return [f"Personal data could not be followed: {type(error).__name__} in the check; report it."]
    return problems
