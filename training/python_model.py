"""Models declared as dbt Python models: the rows, and maybe a fitted model, that the function ``model`` returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import ModuleType
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from training.errors import ConfigError, PythonModelError

if TYPE_CHECKING:
    from training.distributed.whole import Whole

Load = Callable[[str], duckdb.DuckDBPyRelation]
"""Returns a relation by its name; dbt gives it to `dbt.ref`."""


DECIDED = (
    "estimator",
    "params",
    "tuning",
    "time_budget_seconds",
    "monotone",
    "class_weight",
    "select_features",
    "distributed",
)
"""Keys of a model's block that say how it is fitted."""


@dataclass(frozen=True)
class Returned:
    """What a node gives to train on.

    Parameters
    ----------
    rows
        The training rows.
    fitted
        A model that the user's own code fitted; None where none was returned.
    source
        That code.
    whole
        All rows, where ``rows`` has the columns alone; None where it has the rows.
    """

    rows: duckdb.DuckDBPyRelation
    fitted: object = None
    source: str = ""
    whole: Whole | None = None


def run(
    session: duckdb.DuckDBPyConnection, code: str, model_name: str, load: Load, *, source: str
) -> Returned:
    """Return what the function ``model`` of a Python file returns.

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
    source
        The file as it is written.

    Raises
    ------
    training.errors.PythonModelError
        If the file or its function ends in an error, or returns neither rows nor a model with its rows.
    """
    module = ModuleType(model_name)
    try:
        exec(compile(code, f"{model_name}.py", "exec"), vars(module))
        returned = module.model(module.dbtObj(load), session)
    except duckdb.InterruptException:
        raise
    except Exception as error:
        raise PythonModelError.failed(model_name, error) from error
    fitted, rows = None, returned
    # dbt's parser rejects a tuple after return, but not one that has a name.
    if isinstance(returned, list | tuple) and len(returned) == 2 and returned[0] is not None:
        fitted, rows = returned
    return Returned(_relation(session, rows, model_name, fitted), fitted, source)


def check_block(config: Mapping[str, Any] | None, *, model_name: str) -> None:
    """Check that a model's block does not say how to fit a model that is fitted already.

    Raises
    ------
    training.errors.ConfigError
        If it does.
    """
    keys = [key for key in DECIDED if key in (config or {})]
    if keys:
        raise ConfigError.fitted_already(model_name, keys)


def digest_of_source(source: str) -> str:
    """Return what identifies the text of a file."""
    return sha256(source.encode()).hexdigest()[:12]


def _relation(
    session: duckdb.DuckDBPyConnection, returned: Any, model_name: str, fitted: object
) -> duckdb.DuckDBPyRelation:
    if isinstance(returned, duckdb.DuckDBPyRelation):
        return returned
    if isinstance(returned, pa.Table | pa.RecordBatchReader):
        return session.from_arrow(returned)
    if hasattr(returned, "to_arrow"):  # polars
        return session.from_arrow(returned.to_arrow())
    if hasattr(returned, "iloc"):  # pandas
        return session.from_df(returned)
    raise PythonModelError.no_rows(model_name, type(returned).__name__, has_model=fitted is not None)
