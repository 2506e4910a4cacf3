"""The SQL functions ``ml_predict``, ``ml_predict_class``, ``ml_predict_proba`` and ``ml_explain``.

Each registration adds a Python function to DuckDB and, on every cursor, a temporary macro in front of
it. The macro hands the number of the current transaction, which is new for every statement outside of
an explicit one, to the function, so that a model reference is resolved once per statement: a query sees
one version throughout, and a promotion takes effect at the next statement. Only committed versions are
seen. The macro also asks a second function about rows without a value, and turns the sentence that it
returns into a plain DuckDB error, because an exception raised in a Python function reaches the user wrapped
in file paths.
"""

from __future__ import annotations

import itertools
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TypeVar

import duckdb
import pyarrow as pa
from duckdb.func import ARROW, SPECIAL

from scoring import loading, masking, registry, registry_functions
from scoring.answers import Answer, Answers, answers
from scoring.errors import ConnectionGoneError
from scoring.explainers import Explainer
from scoring.scorer import Scorer
from scoring.warehouse import CONNECTION_VARIABLE, Warehouse, open_warehouse

REFERENCES_KEPT, ARTIFACTS_KEPT = 1024, 32
WHY = "why_no_"
"""Begins the name of the function that says why a row has no value."""


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
    copied
        What makes a copy of the value in SQL. DuckDB 1.5.5 frees text of an Arrow function while `coalesce`,
        ours or a user's, still reads it; numbers and maps it copies itself.
    """

    value_type: str
    answer: Answer
    forms: Mapping[tuple[str, ...], str] = field(default_factory=lambda: {(): ""})
    copied: str = ""


FUNCTIONS = {
    "ml_predict": Function("double", Scorer.predict),
    "ml_predict_class": Function("varchar", Scorer.predict_class, copied=" || ''"),
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
    schema
        Where the models are that a name without a schema means; see `scoring.warehouse.Warehouse`.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, schema: str | None = None) -> None:
        # DuckDB imports it for the first value of an Arrow function, which takes longer than to score a row.
        import_module("pyarrow.dataset")
        self._connection = weakref.ref(connection)
        self._schema = schema
        self._lock = Lock()
        self._scorers: _Recent[Scorer] = _Recent(REFERENCES_KEPT)
        self._opened: _Recent[loading.Opened] = _Recent(ARTIFACTS_KEPT)
        self._explainers: _Recent[Explainer] = _Recent(ARTIFACTS_KEPT)
        # Two connections to one file share the catalog of functions: each needs names of its own.
        self._number = next(_numbers)
        self._callables = {}
        for name, function in FUNCTIONS.items():
            for prefix, kind, call in (
                ("", function.value_type, self._values),
                (WHY, "varchar", self._problems),
            ):
                full_name = self._name(prefix + name)
                self._callables[full_name] = partial(call, function)
                connection.create_function(
                    full_name, self._callables[full_name], None, kind, type=ARROW, null_handling=SPECIAL
                )

        registry_functions.register(connection, self._number, self._warehouse)
        masking.register(connection, self._number)

    def define_macros(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Define the SQL functions on a cursor; temporary macros are not shared between cursors."""
        _in_use[cursor] = self
        cursor.execute(f"set variable {CONNECTION_VARIABLE} = {self._number}")
        registry_functions.define_macros(cursor, self._number)
        masking.define_macros(cursor, self._number)
        for name, function in FUNCTIONS.items():
            checked, valued, explained = [], [], []
            for arguments, passed in function.forms.items():
                call = f"(current_database() || txid_current(), model, features{passed})"
                value, why = f"{self._name(name)}{call}{function.copied}", f"{self._name(WHY + name)}{call}"
                form = f"({', '.join(('model', 'features', *arguments))}) as "
                checked.append(f"{form}coalesce({value}, error({why}))")
                valued.append(f"{form}{value}")
                explained.append(f"{form}{why} || ''")
            # Those with an underscore are for versions that may fail without failing the query.
            for macro, forms in ((name, checked), (f"_{name}", valued), (f"_{WHY}{name}", explained)):
                cursor.execute(f"create or replace temp macro {macro}{', '.join(forms)}")

    def forget(self) -> None:
        """Let all models go that were loaded so far."""
        with self._lock:
            for kept in (self._scorers, self._opened, self._explainers):
                kept.clear()

    def _name(self, function: str) -> str:
        return f"_{function}_{self._number}"

    def _values(self, function: Function, *arguments: pa.ChunkedArray) -> pa.Array:
        """Return the value of each row; null where there is none."""
        return self._answers(function, *arguments).values(ARROW_TYPES[function.value_type])

    def _problems(self, function: Function, *arguments: pa.ChunkedArray) -> pa.Array:
        """Return why rows without a value have none; null where that is as it should be."""
        return self._answers(function, *arguments).texts()

    def _answers(
        self, function: Function, statement: pa.ChunkedArray, *arguments: pa.ChunkedArray
    ) -> Answers:
        scorer_of = partial(self._scorer, statement[0].as_py())
        return answers(function.answer, scorer_of, *arguments)

    def _scorer(self, statement: str, reference: str) -> Scorer:
        """Return the scorer that a reference means throughout a statement."""
        with self._lock:
            return self._scorers.get_or_make((statement, reference), lambda: self._load(reference))

    def _load(self, reference: str) -> Scorer:
        with self._warehouse() as warehouse:
            row = registry.resolve(warehouse, reference)
            opened = self._opened.get_or_make(row.identity, lambda: loading.opened(warehouse, row))
        return Scorer(row.name, row.task, opened.signature, opened.artifact, partial(self._explainer, row))

    def _explainer(self, row: registry.VersionRow) -> Explainer:
        def load() -> Explainer:
            with self._warehouse() as warehouse:
                return loading.explainer(warehouse, row)

        with self._lock:
            return self._explainers.get_or_make(row.identity, load)

    @contextmanager
    def _warehouse(self) -> Iterator[Warehouse]:
        connection = self._connection()
        if connection is None:
            raise ConnectionGoneError.for_lookup()
        with connection.cursor() as cursor:
            yield Warehouse(cursor, self._schema)


def connect(
    path: str | Path = ":memory:", *, read_only: bool = False, schema: str | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a warehouse with the SQL functions in it.

    Parameters
    ----------
    path
        A DuckDB file, or ``:memory:``.
    read_only
        Open the file without the right to change it; several processes can do so at once.
    schema
        Where the models are that a name without a schema means. Only needed if several schemas of the file have a
        model of the same name, as those of several developers do.

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
    ModelFunctions(connection, schema=schema).define_macros(connection)
    return connection
