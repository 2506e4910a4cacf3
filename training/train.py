"""Train a version: the one entry point, for the materialization and for callers in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from threading import Thread
from time import perf_counter
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from scoring import decisions
from scoring.version import Version
from scoring.version_schema import VERSION_SCHEMA
from scoring.warehouse import Relation, Warehouse
from training.candidate import make_version
from training.data.dataset import Dataset, Source
from training.data.training_set import training_set
from training.declared import config as configuration
from training.declared.spec import AUTO, ModelSpec
from training.estimators import ESTIMATORS
from training.evaluation.baselines import LINEAR
from training.history import History, read_history
from training.project import FOLDER_VARIABLE, project_folder
from training.python_model import check_block, digest_of_source
from training.turns import SMALL_VALUES, TURNS
from training.version import code_version

if TYPE_CHECKING:
    from training.distributed.whole import Whole
    from training.estimators.own.model import OwnModel

INVOCATION_VARIABLE = "dbt_invocation_id"
"""The DuckDB variable in which the dbt plugin leaves the id of the dbt run."""
SCHEMA = "ml"
"""Where a model without a warehouse is supposed to be."""


def train(
    relation: duckdb.DuckDBPyRelation,
    *,
    model_name: str,
    config: Mapping[str, Any] | None,
    fitted: object = None,
) -> pa.Table:
    """Train a model version outside of a build, from rows alone.

    Parameters
    ----------
    relation
        The training query: features and the columns that the configuration names.
    model_name
        Name of the model.
    config
        The block under ``config: meta: ml:``.
    fitted
        A model of LightGBM or scikit-learn that is fitted already; None to fit one.

    Returns
    -------
    pyarrow.Table
        One row of `scoring.version_schema.VERSION_SCHEMA`.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If the configuration or the data breaks its rules, or the exported model does not score exactly
        as the trained one.
    """
    with project_folder(variable(relation, FOLDER_VARIABLE)):
        spec = configuration.parse(config, model_name=model_name)
        version = train_version(
            relation,
            Relation("", SCHEMA, model_name),
            spec,
            config,
            warehouse=None,
            retrain=True,
            fitted=fitted,
        )
    return VERSION_SCHEMA.empty_table() if version is None else version.to_row()


def train_version(
    relation: duckdb.DuckDBPyRelation,
    versions: Relation,
    spec: ModelSpec,
    config: Mapping[str, Any] | None,
    *,
    warehouse: Warehouse | None,
    retrain: bool,
    fitted: object = None,
    source: str = "",
    whole: Whole | None = None,
    history: History | None = None,
) -> Version | None:
    """Return a new version, or None if the newest one was trained on the same data, configuration and code.

    A model that the user's own code fitted is also the newest one's if nothing but that code has changed, and the
    scores have not.

    Parameters
    ----------
    relation
        The training query.
    versions
        The table of the model's versions.
    spec, config
        The model's block, read and as it is written.
    warehouse
        Where the versions so far are, the champion of which is scored on the same rows; None for a model without
        a past.
    retrain
        Whether to train even if nothing has changed.
    fitted
        A model that the user's own code fitted; None to fit one.
    source
        That code.
    whole
        All rows, where the query gives the columns alone; None where it gives the rows.
    history
        The newest version so far, where it was read already.

    Raises
    ------
    scoring.errors.WarehouseMLError
        See `train`.
    """
    started = perf_counter()
    if history is None:
        history = History() if warehouse is None else read_history(warehouse, versions)
    code = code_of(fitted, source)
    origin = {"config": configuration.config_hash(config), "code": code}
    is_unchanged = history.is_made_with(**origin) and not retrain
    imports: AbstractContextManager[Callable[[], None]] = (
        nullcontext(lambda: None) if is_unchanged else _imported_beside(spec)
    )
    with imports as wait_for_imports, Source(relation, model_name=versions.name, whole=whole) as rows:
        changes = history.changes(data=rows.fingerprint, **origin)
        if is_unchanged and changes == ["retrain"]:
            return None
        if is_unchanged:  # its settings were not read again
            spec = configuration.parse(config, model_name=versions.name)
        if fitted is not None:
            wait_for_imports()
        own = _own_model(fitted, config, task=spec.task, model_name=versions.name)
        if own is not None:
            spec = configuration.parse({**(config or {}), **own.block}, model_name=versions.name)
        data = rows.read(spec)
        invocation = (
            variable(relation, INVOCATION_VARIABLE)
            if warehouse is None
            else warehouse.variable(INVOCATION_VARIABLE)
        )
        champion = None if warehouse is None else decisions.champion(warehouse, versions)
        twin = None
        if own is not None and warehouse is not None and not retrain and changes == ["code"]:
            twin = (
                history.scores_of(warehouse, versions) if history.differs_in_source(code_version()) else None
            )
        with _turn(data, own):
            return make_version(
                data,
                versions=versions,
                version=history.newest + 1,
                champion=None if champion is None or warehouse is None else (warehouse, champion),
                fields={
                    "changes": changes,
                    "config_hash": origin["config"],
                    "code_version": origin["code"],
                    "dbt_invocation_id": invocation,
                    "training_set": training_set(
                        None if warehouse is None else warehouse.connection,
                        relation,
                        versions,
                        invocation=invocation,
                    ),
                },
                started=started,
                wait_for_imports=wait_for_imports,
                own=own,
                twin=twin,
            )


@contextmanager
def _imported_beside(spec: ModelSpec) -> Iterator[Callable[[], None]]:
    """Import libraries that fit models in a thread, and give what waits for them.

    That takes longer than an unchanged model takes to be recognized, and as long as to read and describe the rows of a
    large table. Python cannot end while it goes on.
    """
    imports = Thread(target=_import_libraries, args=(spec.estimator, spec.task))
    imports.start()
    try:
        yield imports.join
    finally:
        imports.join()


def _import_libraries(estimator: str, task: str) -> None:
    """Import what fits a model of the estimator, and what it must beat."""
    if estimator in (AUTO, "lightgbm"):
        import_module("training.estimators.lightgbm_booster")
    for name in {estimator, LINEAR.get(task, estimator)} & ESTIMATORS.keys():
        ESTIMATORS[name]


def _turn(data: Dataset, own: OwnModel | None) -> AbstractContextManager[None]:
    """Return the turn that a model waits for: beside others if it is small, and the same as if it were alone.

    What is searched until the time is over, or computed by the user's own libraries, is not.
    """
    is_small = len(data.table) * len(data.types) < SMALL_VALUES and data.whole is None
    is_timed = data.spec.tuning is not None or data.spec.estimator == AUTO
    return TURNS.beside(data.table.nbytes) if is_small and not is_timed and own is None else TURNS.alone()


def code_of(fitted: object, source: str) -> str:
    """Return the version of the code that trains: this package's, with the user's own where that fitted the model."""
    return code_version() if fitted is None else f"{code_version()}+{digest_of_source(source)}"


def _own_model(
    fitted: object, config: Mapping[str, Any] | None, *, task: str, model_name: str
) -> OwnModel | None:
    """Return the model that the user's own code fitted; None if there is none."""
    if fitted is None:
        return None
    from training.estimators.own import model  # its libraries take long to import

    check_block(config, model_name=model_name)
    return model.OwnModel.of(fitted, name=model_name, task=task)


def variable(relation: duckdb.DuckDBPyRelation, name: str) -> str | None:
    """Return a variable that the dbt plugin set on the relation's connection, without reading any row."""
    row = relation.limit(0).aggregate(f"count(*), getvariable('{name}')").fetchall()[0]
    return None if row[1] is None else str(row[1])
