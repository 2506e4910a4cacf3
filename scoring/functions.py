"""The SQL functions ``ml_predict``, ``ml_predict_class``, ``ml_predict_proba`` and ``ml_explain``.

Each registration adds a Python function to DuckDB and, on every cursor, a temporary macro in front of
it. The macro hands the number of the current transaction, which is new for every statement outside of
an explicit one, to the function, so that a model reference is resolved once per statement: a query sees
one version throughout, and a promotion takes effect at the next statement. Only committed versions are
seen. The macro also turns the error text that the function returns into a plain DuckDB error, because an
exception raised in a Python function reaches the user wrapped in file paths.
"""

from __future__ import annotations

import itertools
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TypeVar

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from duckdb.func import ARROW, SPECIAL
from numpy.typing import NDArray

from scoring import explainers, registry
from scoring.artifact import Artifact
from scoring.errors import ConnectionGoneError, ModelReferenceError, RowError, WarehouseMLError
from scoring.explainers import Explainer
from scoring.scorer import Scorer
from scoring.signature import Signature
from scoring.warehouse import open_warehouse

REFERENCES_KEPT, ARTIFACTS_KEPT = 1024, 32


@dataclass(frozen=True)
class Function:
    """A SQL function.

    Parameters
    ----------
    value_type
        The type of its value.
    answer
        Computes the values of a scorer for an Arrow struct array of rows, given any further arguments.
    forms
        By the names of the arguments after model and row that a user may give, what stands for them.
    """

    value_type: str
    answer: Callable[..., pa.Array]
    forms: Mapping[tuple[str, ...], str] = field(default_factory=lambda: {(): ""})


FUNCTIONS = {
    "ml_predict": Function("double", Scorer.predict),
    "ml_predict_class": Function("varchar", Scorer.predict_class),
    "ml_predict_proba": Function("map(varchar, double)", Scorer.predict_proba),
    "ml_explain": Function(
        "map(varchar, double)",
        Scorer.explain,
        {(): ", null::bigint", ("largest",): ", largest::bigint"},
    ),
}

ARROW_TYPES = {
    "double": pa.float64(),
    "varchar": pa.string(),
    "map(varchar, double)": pa.map_(pa.string(), pa.float64()),
}

_Value = TypeVar("_Value")
_numbers = itertools.count(1)
_in_use: weakref.WeakKeyDictionary[duckdb.DuckDBPyConnection, ModelFunctions] = weakref.WeakKeyDictionary()
"""The functions each open cursor may call. DuckDB drops them with the connection that they were registered
on, although cursors of it live on, and a call would then end the process."""


class _Recent(OrderedDict[Hashable, _Value]):
    """A mapping that makes what it lacks and forgets what was made longest ago."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def get_or_make(self, key: Hashable, make: Callable[[], _Value]) -> _Value:
        if key not in self:
            self[key] = make()
            if len(self) > self._limit:
                self.popitem(last=False)
        return self[key]


class ModelFunctions:
    """The SQL functions of one connection and of the cursors made from it.

    Parameters
    ----------
    connection
        The functions are registered on it, and models are looked up on short-lived cursors of it.
        It is held weakly: DuckDB holds the functions, and through them would never be freed.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = weakref.ref(connection)
        self._lock = Lock()
        self._scorers: _Recent[Scorer] = _Recent(REFERENCES_KEPT)
        self._artifacts: _Recent[Artifact] = _Recent(ARTIFACTS_KEPT)
        self._explainers: _Recent[Explainer] = _Recent(ARTIFACTS_KEPT)
        # Two connections to one file share the catalog of functions: each needs names of its own.
        number = next(_numbers)
        self._names = {name: f"_{name}_{number}" for name in FUNCTIONS}
        self._callables = {name: partial(self._answers, function) for name, function in FUNCTIONS.items()}
        for name, function in FUNCTIONS.items():
            connection.create_function(
                self._names[name],
                self._callables[name],
                None,
                f"struct(value {function.value_type}, error varchar)",
                type=ARROW,
                null_handling=SPECIAL,
            )

    def define_macros(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Define the SQL functions on a cursor; temporary macros are not shared between cursors."""
        _in_use[cursor] = self
        # A one-element list and a lambda give the function's result a name, so that it is called once.
        for name, function in FUNCTIONS.items():
            forms = (
                f"({', '.join(('model', 'features', *arguments))}) as list_transform("
                f"[{self._names[name]}(current_database() || txid_current(), model, features{given})], "
                "lambda s: case when s.error is null then s.value else error(s.error) end)[1]"
                for arguments, given in function.forms.items()
            )
            cursor.execute(f"create or replace temp macro {name}{', '.join(forms)}")

    def _answers(self, function: Function, *arguments: pa.ChunkedArray) -> pa.Array:
        """Return a struct of value and error for each row; null where the model or the row is null."""
        statement, model, *others = arguments
        rows = others[0]
        parts: list[tuple[NDArray[np.bool_], pa.Array]] = []
        errors: list[tuple[NDArray[np.bool_], str]] = []
        scored = model.is_valid().to_numpy() & rows.is_valid().to_numpy()
        try:
            if not pa.types.is_null(model.type) and not pa.types.is_string(model.type):
                raise ModelReferenceError.not_text(model.type)
            references = model.filter(scored).unique().to_pylist()
        except ModelReferenceError as error:
            errors, references = [(scored, str(error))], []
        model_array = model.combine_chunks()
        given = [argument.combine_chunks() for argument in others]
        for reference in references:
            wanted = scored
            if len(references) > 1:
                wanted = scored & pc.equal(model_array, reference).fill_null(False).to_numpy(
                    zero_copy_only=False
                )
            chosen = given if wanted.all() else [part.filter(pa.array(wanted)) for part in given]
            try:
                if not pa.types.is_struct(rows.type):
                    raise RowError.not_a_struct(reference, rows.type)
                scorer = self._scorer(statement[0].as_py(), reference)
                parts.append((wanted, function.answer(scorer, *chosen)))
            except WarehouseMLError as error:
                errors.append((wanted, str(error)))
        values = _placed(len(rows), ARROW_TYPES[function.value_type], parts)
        return pa.StructArray.from_arrays([values, _texts(len(rows), errors)], names=["value", "error"])

    def _scorer(self, statement: str, reference: str) -> Scorer:
        """Return the scorer that a reference means throughout a statement."""
        with self._lock:
            return self._scorers.get_or_make((statement, reference), lambda: self._load(reference))

    def _load(self, reference: str) -> Scorer:
        with self._cursor() as cursor:
            row = registry.resolve(cursor, reference)
            artifact = self._artifacts.get_or_make(
                row.artifact_sha256,
                lambda: Artifact(
                    registry.read_artifact(cursor, row), expected_digest=row.artifact_sha256, model=row.name
                ),
            )
        signature = Signature.from_row(row.signature)
        return Scorer(row.name, row.task, signature, artifact, partial(self._explainer, row, signature))

    def _explainer(self, row: registry.VersionRow, signature: Signature) -> Explainer:
        def load() -> Explainer:
            with self._cursor() as cursor:
                return explainers.load(row.name, *registry.read_native_model(cursor, row), signature)

        with self._lock:
            return self._explainers.get_or_make((row.name, row.artifact_sha256), load)

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        connection = self._connection()
        if connection is None:
            raise ConnectionGoneError.for_lookup()
        return connection.cursor()


def _placed(rows: int, kind: pa.DataType, parts: list[tuple[NDArray[np.bool_], pa.Array]]) -> pa.Array:
    """Return the values of all parts in their places, null elsewhere."""
    if len(parts) == 1 and parts[0][0].all():
        return parts[0][1]
    source = np.full(rows, -1)
    before = 0
    for where, values in parts:
        source[where] = before + np.arange(len(values))
        before += len(values)
    values = pa.concat_arrays([pa.array([], kind), *(values for _, values in parts)])
    return values.take(pa.array(source, mask=source < 0))


def _texts(rows: int, errors: list[tuple[NDArray[np.bool_], str]]) -> pa.Array:
    """Return the error of each row, null where there is none."""
    if not errors:
        return pa.nulls(rows, pa.string())
    texts = np.full(rows, None, dtype=object)
    for where, text in errors:
        texts[where] = text
    return pa.array(texts, pa.string())


def connect(path: str | Path = ":memory:", *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a warehouse with the SQL functions in it.

    Parameters
    ----------
    path
        A DuckDB file, or ``:memory:``.
    read_only
        Open the file without the right to change it; several processes can do so at once.

    Returns
    -------
    duckdb.DuckDBPyConnection
        A connection. Cursors made from it do not have the functions: call `connect` again for another.

    Raises
    ------
    scoring.errors.LockedWarehouseError
        If another process holds the file.
    """
    connection = open_warehouse(str(path), read_only=read_only)
    ModelFunctions(connection).define_macros(connection)
    return connection
