"""The dbt side of training: what a node of materialization ``ml_model`` does, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import duckdb

from scoring import decisions
from scoring.errors import WarehouseMLError
from scoring.registry import VERSION_SCHEMA
from scoring.warehouse import Relation, Warehouse
from training.decide import Outcome, keep
from training.declared import config as configuration
from training.errors import PythonModelError, QueryError, TrainingError
from training.history import read_history
from training.project import FOLDER_VARIABLE, project_folder
from training.python_model import Load, Returned, run
from training.reasons import details_of, hiding_values, reason_of
from training.renaming import take_over
from training.train import code_of, train_version
from training.version import code_version
from training.waiting import waits

if TYPE_CHECKING:
    from training.data.project_graph import ProjectGraph
    from training.personal.check import TrainingCheck

OUTCOME = "warehouse_ml_outcome"
"""The DuckDB variable that holds, for the macro of the materialization, what a build did."""

Rows = Callable[[], Returned]


def run_node(
    session: duckdb.DuckDBPyConnection, load: Load, request: Mapping[str, Any]
) -> duckdb.DuckDBPyRelation:
    """Do what a node of a run of dbt declares, and leave details and notices as JSON in the variable `OUTCOME`.

    Parameters
    ----------
    session
        The node's connection, in no transaction.
    load
        See `materialize_python`.
    request
        The arguments of `materialize`, or with ``source`` those of `materialize_python`.

    Returns
    -------
    duckdb.DuckDBPyRelation
        No rows that count. For anything else dbt-duckdb would open another connection with all SQL functions.
    """
    done = (materialize_python if "source" in request else materialize)(session, load=load, **request)
    outcome = {"details": done.details, "notices": done.notices}
    session.execute(f"set variable {OUTCOME} = ?", [json.dumps(outcome)])
    return session.sql("select null")


def materialize(
    session: duckdb.DuckDBPyConnection, *, load: Load, query: str, relation: Sequence[str], **options: Any
) -> Outcome:
    """Do what a node declares in SQL.

    Parameters
    ----------
    session
        The node's connection, in no transaction.
    query
        The compiled training query.
    relation
        Database, schema and name of the table of versions.
    load
        Has no use here.
    **options
        See `build`.
    """
    versions = Relation(*relation)

    def rows() -> Returned:
        try:
            return Returned(session.sql(query))
        except duckdb.Error as error:
            raise QueryError.refused(versions.name, reason_of(error)) from error

    return build(session, versions, rows, **options)


def materialize_python(
    session: duckdb.DuckDBPyConnection,
    *,
    load: Load,
    query: str,
    relation: Sequence[str],
    source: str = "",
    **options: Any,
) -> Outcome:
    """Do what a node declares in Python.

    Parameters
    ----------
    load
        Returns a relation by its name, for `dbt.ref`.
    query
        The file as dbt compiled it.
    source
        The file as it is written; an unchanged one fits the same model on the same rows.
    session, relation, **options
        See `materialize`.
    """
    versions = Relation(*relation)
    return build(
        session, versions, lambda: run(session, query, versions.name, load, source=source), **options
    )


def build(
    session: duckdb.DuckDBPyConnection,
    versions: Relation,
    rows: Rows,
    *,
    config: Mapping[str, Any] | None,
    retrain: bool,
    without_data: bool,
    invocation: str,
    monitors: Sequence[Sequence[str]] = (),
    retrain_decisions: Sequence[str] | None = None,
    has_personal_data: bool = False,
    project: ProjectGraph | None = None,
    models: Sequence[Sequence[str]] = (),
) -> Outcome:
    """Train a model if anything changed, judge its versions, and append version and decision together.

    Whatever goes wrong is a refusal of this model, kept as its decision, so that the node ends well and its
    champion scores; interrupts alone are raised, and what keeps the decision itself from being written.

    Parameters
    ----------
    versions
        The table of versions.
    rows
        Gives the training rows, and a fitted model where there is one.
    config
        The block under ``config: meta: ml:``; None if there is none.
    retrain
        Whether to train even if nothing has changed.
    without_data
        Whether dbt runs with ``--empty`` or ``--sample``: the query then gives no training set, so that nothing
        is trained and nothing decided.
    invocation
        The id of the run of dbt.
    monitors
        Database, schema and name of the tables of the model's monitors.
    retrain_decisions
        The table that says whether a model with a policy is to be trained on new data; None for none.
    has_personal_data
        Whether any column of the project is marked as personal data.
    project
        The compiled project; None for the one that dbt runs.
    models
        Of all models of the project: database, schema and name of the table, and the key `renamed_from`.

    Raises
    ------
    scoring.errors.DecisionsError
        If the table of decisions cannot be used.
    """
    warehouse, done = Warehouse(session), Outcome()
    folder = warehouse.variable(FOLDER_VARIABLE)
    due: Relation | None = Relation(*retrain_decisions) if retrain_decisions else None
    with decisions.ONE_AT_A_TIME:  # models in parallel share the table of decisions
        if not warehouse.columns(versions):
            warehouse.create(versions, VERSION_SCHEMA)
        if not warehouse.columns(decisions.table_beside(versions)):
            warehouse.create(decisions.table_beside(versions), decisions.DECISION_SCHEMA)
    if not without_data:
        spec, version = None, None
        check = _check(versions, project) if has_personal_data else None
        with project_folder(folder), hiding_values() as hide:
            try:
                done.notices += take_over(
                    warehouse,
                    versions,
                    config,
                    models=models,
                    retrain_decisions=due,
                    invocation=invocation,
                    folder=folder,
                )
                history = read_history(warehouse, versions)
                is_trained = not retrain and history.is_made_with(
                    config=configuration.config_hash(config), code=code_version()
                )
                spec = configuration.parse(config, model_name=versions.name, is_trained=is_trained)
                if check is not None:
                    hide(check.reads_personal_data())
                returned = rows()
                if check is not None:
                    check.check(returned.rows.columns)
                is_made_alike = history.is_made_with(
                    config=configuration.config_hash(config), code=code_of(returned.fitted, returned.source)
                )
                is_waiting = not retrain and waits(
                    warehouse,
                    versions,
                    spec,
                    returned.rows,
                    whole=returned.whole,
                    is_made_alike=is_made_alike,
                    table=due,
                    invocation=invocation,
                )
                if not is_waiting:
                    version = train_version(
                        returned.rows,
                        versions,
                        spec,
                        config,
                        warehouse=warehouse,
                        retrain=retrain,
                        fitted=returned.fitted,
                        source=returned.source,
                        whole=returned.whole,
                        history=history,
                    )
            except WarehouseMLError as error:
                done.problem = str(error)
                done.details = details_of(error) if isinstance(error, PythonModelError) else None
            except duckdb.InterruptException:
                raise
            except Exception as error:
                done.problem = str(TrainingError.unforeseen(versions.name, error))
                done.details = details_of(error)
        tables = [Relation(*names) for names in monitors]
        keep(warehouse, versions, version, spec, done, invocation=invocation, folder=folder, monitors=tables)
    return done


def _check(versions: Relation, project: ProjectGraph | None) -> TrainingCheck:
    from training.personal.check import TrainingCheck  # sqlglot takes long to import

    return TrainingCheck(versions, project)
