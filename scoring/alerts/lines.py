"""The alerts of a run, each a mapping that becomes one line of JSON.

They name nodes, models, columns and figures, and no value of any row: neither the value of a slice nor the text of an
error, which may quote one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scoring.alerts.facts import Drift, Facts, Model
from scoring.alerts.run import Node, Run

MOST_LISTED = 50
"""The most nodes, gates or features in one alert; the text says how many there are."""
KINDS_OF_ERRORS = re.compile(
    r"\b((?:Binder|Catalog|Compilation|Constraint|Conversion|Database|Dependency|Internal|Invalid Input|IO|"
    r"Invalid Configuration|Out of Memory|Out of Range|Parser|Permission|Runtime|Serialization|Transaction) Error)\b"
)

Alert = Mapping[str, Any]


def alerts(run: Run, facts: Facts) -> list[Alert]:
    """Return what a run has to alert of: models refused, drift measured, nodes failed."""
    common = {
        "at": f"{run.finished_at.isoformat(timespec='seconds')}Z",
        "project": run.project,
        "target": run.target,
        "dbt_invocation_id": run.invocation,
    }
    return [{**common, **each} for each in _alerts(run, facts)]


def _alerts(run: Run, facts: Facts) -> Iterator[Alert]:
    for model in facts.models:
        if model.name in run.built and (model.is_refused or model.failed_gates):
            yield _gate(model)
    for drift in facts.drift:
        if drift.is_new and any(each["verdict"] == "drift" for each in drift.verdicts):
            yield _drift(drift)
    if run.failed:
        yield _build(run)


def unfinished(run: Run) -> Alert:
    """Return the alert of a run that ended before its last hook: an error in a hook, an interrupt, ``--fail-fast``."""
    return {
        "at": f"{run.finished_at.isoformat(timespec='seconds')}Z",
        "project": run.project,
        "target": run.target,
        "dbt_invocation_id": run.invocation,
        "kind": "build",
        "severity": "error",
        "text": f"{run.command} of {run.project} on target {run.target} failed before its end; see dbt's log.",
        "failed": [],
    }


def _gate(model: Model) -> Alert:
    keys = ("metric", "dataset", "comparison", "threshold", "observed", "slice_column", "severity")
    failed = [gate for gate in model.failed_gates if gate["severity"] == "error" or not model.is_refused]
    scores = "no version scores" if model.champion is None else f"version {model.champion} scores"
    what = "; ".join(_failure(gate) for gate in failed[:3]) + (
        f"; {len(failed) - 3} more" if failed[3:] else ""
    )
    version = "" if model.newest is None else f"version {model.newest} of "
    if not model.is_refused:
        text = f"{version}{model.name} fails a gate that only warns: {what}."
    elif what:
        text = f"{version}{model.name} is refused: {what}; {scores}."
    else:
        text = f"{model.name} is refused; {scores}; the reason is in the last row of its decisions."
    return {
        "kind": "gate",
        "severity": "error" if model.is_refused else "warn",
        "model": model.name,
        "version": model.newest,
        "champion": model.champion,
        "text": text[0].upper() + text[1:] if version else text,
        "gates": [{key: gate[key] for key in keys} for gate in failed[:MOST_LISTED]],
    }


def _failure(gate: Mapping[str, Any]) -> str:
    observed = "missing" if gate["observed"] is None else f"{gate['observed']:.6g}"
    column = f" by {gate['slice_column']}" if gate["slice_column"] else ""
    threshold = "" if gate["threshold"] is None else f" {gate['threshold']:g}"
    return f"{gate['metric']} on the {gate['dataset']} data{column} is {observed} ({gate['comparison']}{threshold})"


def _drift(drift: Drift) -> Alert:
    drifting = [each for each in drift.verdicts if each["verdict"] == "drift"]
    names = list(dict.fromkeys(each["feature"] for each in drifting))
    more = f" and {len(names) - 5} more" if names[5:] else ""
    return {
        "kind": "drift",
        "severity": "warn",
        "model": drift.model,
        "version": drift.version,
        "period_start": drift.period_start,
        "text": f"Drift in the rows that version {drift.version} of {drift.model} scored since {drift.period_start}: "
        f"{', '.join(names[:5])}{more}.",
        "features": [
            {key: each[key] for key in ("feature", "kind", "compared_with", "slice_column", "psi")}
            for each in drifting[:MOST_LISTED]
        ],
    }


def _build(run: Run) -> Alert:
    failed = run.failed
    names = ", ".join(node.name for node in failed[:3]) + (
        f" and {len(failed) - 3} more" if failed[3:] else ""
    )
    return {
        "kind": "build",
        "severity": "error",
        "text": f"dbt {run.command} of {run.project} on target {run.target} failed in {len(failed)} of "
        f"{len(run.nodes)} nodes: {names}.",
        "failed": [_described(node) for node in failed[:MOST_LISTED]],
    }


def _described(node: Node) -> dict[str, Any]:
    kinds = KINDS_OF_ERRORS.findall(node.message) if node.kind != "test" or node.status != "fail" else []
    return {
        "node": node.name,
        "kind": node.kind,
        "status": node.status,
        "failures": node.failures,
        "error": kinds[-1] if kinds else None,
    }
