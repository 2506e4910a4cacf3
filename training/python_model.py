"""Models declared as dbt Python models: the rows that the function ``model`` returns."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import duckdb
import pyarrow as pa

from training.errors import PythonModelError

Load = Callable[[str], duckdb.DuckDBPyRelation]
"""Returns a relation by its name; dbt gives it to `dbt.ref`."""


def training_rows(
    session: duckdb.DuckDBPyConnection, code: str, model_name: str, load: Load
) -> duckdb.DuckDBPyRelation:
    """Return the training rows of a model in Python.

    Parameters
    ----------
    session
        The node's connection, which ``model`` is given.
    code
        The file as dbt compiled it, with what `dbt.ref` and `dbt.config` need.
    model_name
        The model.
    load
        Returns a relation by its name.

    Raises
    ------
    training.errors.PythonModelError
        If the file or its function ends in an error, or returns no rows.
    """
    module = ModuleType(model_name)
    try:
        exec(compile(code, f"{model_name}.py", "exec"), vars(module))
        returned = module.model(module.dbtObj(load), session)
    except duckdb.InterruptException:
        raise
    except Exception as error:
        raise PythonModelError.failed(model_name, error) from error
    return _relation(session, returned, model_name)


def _relation(session: duckdb.DuckDBPyConnection, returned: Any, model_name: str) -> duckdb.DuckDBPyRelation:
    if isinstance(returned, duckdb.DuckDBPyRelation):
        return returned
    if isinstance(returned, pa.Table | pa.RecordBatchReader):
        return session.from_arrow(returned)
    if hasattr(returned, "to_arrow"):  # polars
        return session.from_arrow(returned.to_arrow())
    if hasattr(returned, "iloc"):  # pandas
        return session.from_df(returned)
    raise PythonModelError.no_rows(model_name, type(returned).__name__)
