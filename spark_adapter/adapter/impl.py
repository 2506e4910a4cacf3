"""The adapter: dbt-spark's, with Python models that run in the session, and what macros of warehouse_ml call."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from threading import RLock
from typing import Any

from dbt.adapters.base import BaseRelation, Column
from dbt.adapters.base.impl import AdapterTrackingRelationInfo, log_code_execution
from dbt.adapters.base.meta import available
from dbt.adapters.contracts.connection import AdapterResponse, Connection
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.factory import FACTORY
from dbt.adapters.spark import SparkAdapter
from dbt.adapters.warehouse_ml_spark import __version__
from dbt.adapters.warehouse_ml_spark.beside import BESIDE, Beside
from dbt.adapters.warehouse_ml_spark.connections import ConnectionManager, errors_of_dbt, here, is_here
from dbt.adapters.warehouse_ml_spark.graph import Graph
from dbt.adapters.warehouse_ml_spark.relation import SparkRelation
from dbt.adapters.warehouse_ml_spark.steps import view_of_steps
from dbt_common.exceptions import DbtRuntimeError

from scoring.places import literal, quoted
from scoring.spark import sql_functions
from scoring.spark.functions import register
from scoring.spark.state import State
from scoring.spark.tables import path_of, spark_type
from scoring.warehouse import Warehouse

LOGGER = AdapterLogger("warehouse_ml_spark")
_ONE_AT_A_TIME = RLock()
PUBLISHED_AT_ONCE = 4
"""Writing a small table is waiting for the most part."""


class WarehouseMlSparkAdapter(SparkAdapter):
    """dbt-spark's adapter on the session of this process."""

    ConnectionManager = ConnectionManager
    Relation = SparkRelation
    _beside: Beside | None = None
    _is_registered = False

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._answers: dict[str, Any] = {}
        self._views: set[str] = set()
        self._reported: set[str] = set()
        FACTORY.plugins.setdefault("duckdb", BESIDE)

    @classmethod
    def type(cls) -> str:
        """Return the type of the output in ``profiles.yml``; macros are looked up for it, then for ``spark``.

        While statements run in the DuckDB beside Spark, macros are looked up for that.
        """
        return "duckdb" if is_here() else "warehouse_ml_spark"

    @classmethod
    def get_adapter_run_info(cls, config: Any) -> AdapterTrackingRelationInfo:
        """Return what dbt records of a run; it takes the name of the class for that of the package."""
        return AdapterTrackingRelationInfo(
            adapter_name="warehouse_ml_spark",
            base_adapter_version=version("dbt-adapters"),
            adapter_version=__version__.version,
            model_adapter_details=cls._get_adapter_specific_run_info(config),
        )

    def get_relation(self, database: Any, schema: str, identifier: str) -> Any:
        """Return a relation that is there, of Spark or of the DuckDB beside it; else None."""
        if not is_here():
            return super().get_relation(database, schema, identifier)
        if not self.get_columns_in_relation(self.Relation.create(schema=schema, identifier=identifier)):
            return None
        return self.Relation.create(schema=schema, identifier=identifier, type="table")

    def get_columns_in_relation(self, relation: BaseRelation) -> list[Any]:
        """Return the columns of a relation, of Spark or of the DuckDB beside it."""
        if not is_here() and getattr(relation, "external", None) is not None:
            with errors_of_dbt():
                fields = self.session().sql(f"select * from {relation.render()}").schema.fields
            return [Column(field.name, field.dataType.simpleString()) for field in fields]
        if not is_here():
            return list(super().get_columns_in_relation(relation))
        rows = self.ask(
            "select column_name, data_type from duckdb_columns() where database_name = current_database() and "
            f"lower(schema_name) = lower({literal(relation.schema)}) and "
            f"lower(table_name) = lower({literal(relation.identifier)}) order by column_index"
        )
        return [Column(name, kind) for name, kind in rows]

    def types_of(self, schema: str, name: str) -> dict[str, str]:
        """Return the columns of a table or view of Spark and their types; nothing of one that is not there."""
        path = path_of(schema, name)
        if not self.session().catalog.tableExists(path):
            return {}
        fields = self.session().table(path).schema.fields
        return {field.name: field.dataType.simpleString() for field in fields}

    @available
    def get_seed_file_path(self, model: dict[str, Any]) -> str:
        """Return where the file of a seed is, as the adapter of DuckDB does."""
        return str(Path(model["root_path"]) / model["original_file_path"])

    def quote(self, identifier: str) -> str:
        """Return a name as SQL has it, here and on DuckDB; see `scoring.spark.session.MEANING`."""
        return quoted(identifier)

    @available
    def session(self) -> Any:
        """Return the Spark session."""
        return self.connections.get_thread_connection().handle.spark

    @available
    def begin_local(self) -> str:
        """Let the statements of this thread run in the DuckDB beside Spark, with copies of what builds keep."""
        graph = self._graph()
        self._state().make_schemas(graph.schemas())
        self._state().load(graph.state())
        here(self._beside.cursor())
        return ""

    @available
    def end_local(self) -> str:
        """Let statements run in Spark again, and write to it what changed."""
        here(None)
        self._save()
        return ""

    def acquire_connection(self, name: str | None = None) -> Connection:
        """Begin a node, in the DuckDB beside Spark if it reads nothing else."""
        connection = super().acquire_connection(name)
        graph = self._graph()
        if name is not None and graph.is_beside(name):
            self.begin_local()
            self._state().borrow(graph.reads(name))
            self._views.add(name)
        return connection

    def release_connection(self) -> None:
        """End a node, and write to Spark what changed."""
        if is_here():
            self.end_local()
        super().release_connection()

    def _graph(self) -> Graph:
        return Graph(getattr(self.get_macro_resolver(), "nodes", None) or {})

    def _save(self) -> None:
        """Write to Spark what changed beside it, and let the functions follow."""
        state = self._state()
        if not state.save() and self._is_registered:
            return
        with _ONE_AT_A_TIME, errors_of_dbt(), state.connection.cursor() as cursor:
            register(self.session(), Warehouse(cursor))
            self._is_registered = True
            for notice in sql_functions.write(self.session(), Warehouse(cursor)):
                if notice not in self._reported:
                    self._reported.add(notice)
                    LOGGER.info(notice)

    @available
    def build_model(self, request: dict[str, Any]) -> dict[str, Any]:
        """Train a model and decide about its versions, on the driver; return details and notices.

        Parameters
        ----------
        request
            What the materialization gives `training.materialize`.
        """
        from training.spark import build_model

        state = self._state()
        state.load(self._graph().state())
        done = build_model(self.session(), self._beside.cursor(), request)
        self._save()
        return done

    @available.parse(lambda *types: types[-1] if types else "string")
    def sql_type(self, data_type: str) -> str:
        """Return what Spark calls a type of DuckDB."""
        return spark_type(data_type)

    @available
    def publish_local(self, tables: Sequence[Sequence[str]]) -> str:
        """Make tables of Spark of relations that are in the DuckDB beside it, and drop those that are not there.

        Parameters
        ----------
        tables
            Schemas and names. What was a table is dropped from the DuckDB.
        """
        for schema, name in tables:
            self._state().publish((str(schema), str(name)))
        return ""

    @available
    def publish_views(self) -> str:
        """Make tables of Spark of the views that this run made beside it, as they are at the end of the run."""
        nodes = self._graph()
        with ThreadPoolExecutor(PUBLISHED_AT_ONCE) as pool:
            list(pool.map(self._state().publish, nodes.views(self._views)))
        return ""

    @available
    def run_once(self, key: str, statements: Sequence[str]) -> dict[str, Any]:
        """Run statements in Spark once per process, and return the first value that the last one gave.

        Parameters
        ----------
        key
            What names them.
        statements
            One thread runs them; others wait, and are given the same answer.
        """
        with _ONE_AT_A_TIME:
            is_first = key not in self._answers
            if is_first:
                with errors_of_dbt():
                    for statement in statements:
                        last = self.session().sql(statement)
                    self._answers[key] = last.first()[0]
        return {"is_first": is_first, "answer": self._answers[key]}

    @available
    def view_of_steps(self, steps: Sequence[dict[str, Any]]) -> str:
        """Return the name of a view of the rows of a query made of steps."""
        return view_of_steps(self.session(), steps)

    @available
    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query in the DuckDB beside Spark that reads no table."""
        self._state()
        return self._beside.cursor().execute(sql).fetchall()

    @available
    def columns_of_state(self, schema: str, name: str) -> list[str]:
        """Return the names of the columns of a table that builds keep; none where it is not there."""
        return self._state().columns((schema, name))

    def _state(self) -> State:
        if self._beside is None:
            with _ONE_AT_A_TIME:
                self._beside = self._beside or Beside(
                    self.session(), self.config.credentials.config_of_plugin()
                )
        return self._beside.state

    @log_code_execution  # type: ignore[misc]
    def submit_python_job(self, parsed_model: dict[str, Any], compiled_code: str) -> AdapterResponse:
        """Run the code of a Python model in this process."""
        name = parsed_model["alias"]
        try:
            exec(compile(compiled_code, f"<{name}>", "exec"), {"__name__": name, "spark": self.session()})
        except DbtRuntimeError:
            raise
        except Exception as error:
            raise DbtRuntimeError(f"Python model {name} failed: {type(error).__name__}: {error}") from error
        return self.connections.get_response(None)
