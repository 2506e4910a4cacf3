"""From divided rows to a version: fit, export, compare, evaluate."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring.artifact import Artifact, digest
from scoring.signature import Signature
from scoring.version import Version
from scoring.warehouse import Relation, Warehouse
from training.comparison import parity
from training.data.arrow_rows import taken
from training.data.dataset import Dataset
from training.data.prepared_rows import Rows
from training.data.reference_profile import prediction_profile, reference_profile
from training.data.snapshot import snapshot
from training.data.split import Part, salt
from training.errors import DatasetError
from training.estimators import ESTIMATORS
from training.estimators.base import Fitted, completed
from training.estimators.own.rows import check_rows
from training.evaluation.baselines import baselines
from training.evaluation.evaluate import evaluate
from training.evaluation.gates import gate_rows
from training.history import read_champion
from training.notices import beaten_by_linear, category_problem, notices
from training.selection.select import select
from training.tuning.candidates import is_searched
from training.version import new_version

if TYPE_CHECKING:
    from training.estimators.own.model import OwnModel


def make_version(
    data: Dataset,
    *,
    versions: Relation,
    version: int,
    champion: tuple[Warehouse, int] | None,
    fields: Mapping[str, Any],
    started: float,
    wait_for_imports: Callable[[], None],
    own: OwnModel | None = None,
    twin: str | None = None,
) -> Version | None:
    """Return a new version; None if it is the same as its twin.

    Parameters
    ----------
    data
        The rows, divided.
    versions, version
        The table that the version will be in, and its number.
    champion
        Where to read the champion, and its version; None if there is none.
    fields
        Fields of the version that only the caller knows.
    started
        When training began, by `time.perf_counter`.
    wait_for_imports
        Returns when libraries that are imported in another thread are there. Rows are described without them.
    own
        The model that the user's own code fitted; None to fit one.
    twin
        The digest of a version that differs from this one at most in what scores.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If a text feature has too many categories, or the exported model does not score as the fitted one.
    """
    if data.spec.selection is not None or data.spec.tuning is not None:
        wait_for_imports()
    if own is None and data.spec.tuning is not None:
        from training.tuning.search import for_fitting  # it imports all estimators

        data = for_fitting(data)
    spec, model_name = data.spec, versions.name
    live: Version | None = None
    not_compared: list[str] = []
    if champion is not None:
        live, not_compared = read_champion(champion[0], versions, champion[1])
    selection = select(data, model=model_name)
    signature = selection.signature if own is None else own.signature(selection.signature, data.types)
    if problems := [problem for feature in signature.features if (problem := category_problem(feature))]:
        raise DatasetError.from_problems(model_name, problems)
    if own is not None:
        check_rows(data.table, signature, model=model_name, kind=own.kind)
    rows = Rows(data, signature, data.columns(signature, model=model_name))
    fitted = data.table[data.parts["train"].slice]
    described = snapshot(fitted, signature, time=spec.time)
    profile = reference_profile(fitted, signature, spec.slices)
    wait_for_imports()
    model, estimator, largest_difference, trials = _fit(rows) if own is None else _fitted(rows, own)
    whole = data.whole
    signature = completed(signature, model, spec.task)
    onnx_bytes = model.to_onnx()
    in_sql = model.sql_form(signature)
    artifact = Artifact(onnx_bytes, expected_digest=digest(onnx_bytes), model=model_name)
    made = new_version(
        **fields,
        model_name=model_name,
        version=version,
        task=spec.task,
        label=spec.label,
        key=spec.key,
        time_column=spec.time,
        weight_column=spec.weight,
        slices=list(spec.slices),
        estimator=estimator,
        params=json.dumps(dict(model.params), sort_keys=True),
        seed=spec.seed,
        signature=signature.to_row(),
        split=_split(data),
        training_snapshot=described if whole is None else whole.snapshot(described, signature),
        data_fingerprint=data.fingerprint,
        gates=gate_rows(spec, data.parts),
        tuning_trials=trials,
        feature_importance=_importance(model, signature),
        feature_selection=[asdict(verdict) for verdict in selection.verdicts],
        artifact=onnx_bytes,
        artifact_sha256=digest(onnx_bytes),
        native_model=model.native_model,
        sql_form=None if in_sql is None else asdict(in_sql),
    )
    if twin is not None and made.digest == twin:
        return None
    sample = parity.sample(len(data.table))
    with ThreadPoolExecutor(1) as beside:  # neither takes all cores
        comparing = beside.submit(
            parity.check,
            model,
            artifact,
            made,
            rows=taken(data.table, sample),
            matrix=rows.matrix_at(sample),
            largest_allowed=largest_difference,
            largest=math.inf if own is None else own.largest,
            smallest=parity.SMALLEST if own is None else own.smallest(signature, spec.label),
        )
        predictions = baselines(rows)
        compared = comparing.result()
    evaluated = evaluate(made, rows.measured_table(), predictions=predictions, champion=live)
    return replace(
        made,
        metrics=evaluated.metrics,
        curves=evaluated.curves,
        confusion=evaluated.confusion,
        champion_version=evaluated.champion_version,
        reference_profile=[*profile, *prediction_profile(evaluated.held_out, spec.slices)],
        parity=asdict(compared),
        notices=[
            *not_compared,
            *(() if whole is None else whole.notices()),
            *notices(rows, selection.verdicts),
            *beaten_by_linear(spec.task, evaluated.metrics),
        ],
        training_seconds=perf_counter() - started,
    )


def _fit(rows: Rows) -> tuple[Fitted, str, float, list[dict[str, Any]]]:
    """Return a fitted model, its estimator's name and limit of differences, and the trials that led to it."""
    spec = rows.data.spec
    if rows.data.whole is not None:
        estimator = ESTIMATORS[spec.estimator]
        return rows.data.whole.fit(rows), estimator.name, estimator.relative_difference, []
    search = None
    if is_searched(spec, rows.data.parts["train"].rows):
        from training.tuning.search import Search  # it imports all estimators

        search = Search.of(rows)
    if search is None:
        estimator = ESTIMATORS[spec.estimator]
        return estimator.fit(rows.request(spec.params)), estimator.name, estimator.relative_difference, []
    search.run()
    if search.best is None:
        raise TypeError("a search has at least one trial that is not pruned")
    return search.best, search.estimator, search.relative_difference, search.trials


def _fitted(rows: Rows, own: OwnModel) -> tuple[Fitted, str, float, list[dict[str, Any]]]:
    """Return the same of a model that is fitted already."""
    model = own.fitted(rows.signature, rows.data.spec.label)
    return model, own.estimator, own.relative_difference, []


def _split(data: Dataset) -> dict[str, Any]:
    """Return the ``split`` of a version row: with it the same rows are found again in SQL.

    Sequential: the rows of a part are those whose time lies within its limits. Random: see
    `training.data.split.hash_share`. Custom: the column says it. The limits are null without a time column.
    """
    split = data.spec.split
    return {
        **split.model_dump(),
        "parts": [_part_row(data, part) for part in data.parts.values()],
        "salt": salt(data.spec),
    }


def _part_row(data: Dataset, part: Part) -> dict[str, Any]:
    if data.whole is not None:
        facts = data.whole.facts(part.name)
        return {"split": part.name, **asdict(facts)}
    limits: dict[str, datetime | None] = {"starts_at": None, "ends_at": None}
    if data.times is not None:
        times = data.times[part.slice]
        limits = {"starts_at": _instant(times.min()), "ends_at": _instant(times.max())}
    return {"split": part.name, "rows": part.rows, **limits}


def _instant(microseconds: np.int64) -> datetime:
    return datetime(1970, 1, 1) + timedelta(microseconds=int(microseconds))


def _importance(model: Fitted, signature: Signature) -> list[dict[str, Any]]:
    """Return the gain and the number of splits of every feature, the largest gain first."""
    rows = [
        {"feature": signature.features[position].name, "gain": gain, "splits": splits}
        for position, gain, splits in model.importance()
    ]
    return sorted(rows, key=lambda row: (-row["gain"], row["feature"]))
