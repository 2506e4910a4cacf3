"""What the page of a model shows: its card, its plots, its history, and what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from scoring.report.curve_charts import curve_charts
from scoring.report.explained import explained
from scoring.report.facts import Model, Record, large
from scoring.report.feature_charts import contribution_charts, importance_chart
from scoring.report.history_charts import gate_chart, gate_label, live_chart, verdict_of
from scoring.report.manifest import Declared, Manifest
from scoring.report.metric_charts import confusion_chart, metric_history_chart, slice_chart
from scoring.report.metrics import DATASETS, best_dataset, headline, metric_table, value_of
from scoring.report.monitoring_charts import drift_charts, live_charts
from scoring.report.monitors import Monitored, monitored
from scoring.report.project_tables import ProjectTables
from scoring.warehouse import Relation, Warehouse

DECISIONS, RETRAININGS = 200, 30
"""How many of the latest decisions are listed, about champions and about training anew."""


@dataclass(frozen=True)
class Summary:
    """A model in a few words, as the index shows it and its page begins.

    Parameters
    ----------
    model
        The model.
    declared
        What its YAML says; None if that is unknown.
    headline
        The metric that matters, its value, the part of the split, and the value of the better baseline.
    failures
        How many gates its newest version fails.
    drifting
        The features that drift in the last period with a verdict; None where no period has one.
    """

    model: Model
    declared: Declared | None
    headline: tuple[str, float, str, float | None] | None
    failures: int
    drifting: Sequence[str] | None


def model_page(
    warehouse: Warehouse,
    model: Model,
    manifest: Manifest,
    monitors: Sequence[Relation],
    tables: ProjectTables,
) -> tuple[Summary, Mapping[str, Any]]:
    """Return a model in a few words, and the values of its page's template."""
    service = monitored(warehouse, monitors, model.relation)
    summary = _summary(model, manifest, service)
    values: dict[str, Any] = {
        "summary": summary,
        "model": model,
        "manifest": manifest,
        "decisions": list(reversed(model.decisions))[:DECISIONS],
        "retraining": _retraining(model, tables),
        "live_charts": list(live_chart([model], datetime.now(UTC).replace(tzinfo=None))),
        "gate_charts": list(gate_chart(model)),
        "monitored": service,
    }
    version = model.shown
    if version is None:
        return summary, {**values, "version": None}
    number = version["version"]
    content = large(warehouse, model, number)
    curves = {f"v{number}": content}
    if model.challenger is not None:
        curves[f"v{model.challenger['version']}"] = large(warehouse, model, model.challenger["version"])
    contributions = explained(warehouse, model.relation, number, content["training_set"])
    expected = {
        (one["version"], metric): value
        for one in model.versions
        for metric in {entry["metric"] for entry in one["metrics"] or []}
        if (value := value_of(one, metric, best_dataset(one["metrics"] or []))) is not None
    }
    datasets = [name for name in DATASETS if any(one["dataset"] == name for one in version["metrics"] or [])]
    inputs = (content["training_set"] or {}).get("inputs") or []
    return summary, {
        **values,
        "version": version,
        "raw_inputs": [item["relation"] for item in inputs if item["is_raw"]],
        "read": next((item["reads"] for item in inputs if item["relation"] == model.relation.name), []),
        "metric_tables": [(name, *metric_table(version, name)) for name in datasets],
        "rows_of": {name: value_of(version, "rows", name) for name in datasets},
        "metric_charts": list(metric_history_chart(model)),
        "curve_charts": [*curve_charts(curves), *confusion_chart(content["confusion"])],
        "slice_charts": list(slice_chart(version)),
        "contributions": contributions,
        "feature_charts": [
            *contribution_charts(contributions),
            *importance_chart(content["feature_importance"]),
        ],
        "features": _features(version, content),
        "gates": [
            {**gate, "label": gate_label(gate), "verdict": verdict_of(gate)}
            for gate in model.gates_of(number)
        ],
        "drift_charts": list(drift_charts(service)),
        "verdicts": _verdicts(service),
        "judged_period": next((row["period_start"] for row in service.latest_drift), None),
        "performance_charts": list(live_charts(service, expected)),
    }


def _summary(model: Model, manifest: Manifest, service: Monitored) -> Summary:
    newest = model.newest["version"] if model.newest is not None else None
    failures = [
        gate
        for gate in model.verdicts
        if gate["version"] == newest
        and gate["severity"] == "error"
        and not gate["is_passed"]
        and gate["is_declared_today"]
    ]
    drifting = sorted({row["feature"] for row in service.latest_drift if row["verdict"] == "drift"})
    return Summary(
        model,
        manifest.of(model.relation),
        headline(model),
        len(failures),
        drifting if service.latest_drift else None,
    )


def _features(version: Record, content: Record) -> list[Record]:
    """Return the features of a version: what they are, how much they weigh, and how full they were."""
    importance = {one["feature"]: one["gain"] for one in content["feature_importance"] or []}
    total = sum(gain for gain in importance.values() if gain) or None
    rules = {feature["name"]: feature for feature in version["signature"]["features"]}
    snapshot = version["training_snapshot"] or {}
    rows = snapshot.get("rows") or 0
    described = {one["name"]: one for one in snapshot.get("features") or []}
    listed = []
    for name, rule in rules.items():
        one = described.get(name, {})
        gain = importance.get(name)
        listed.append(
            {
                "name": name,
                "type": rule["type"],
                "nulls": rule["nulls"],
                "share": gain / total if gain is not None and total else None,
                "null_share": one["nulls"] / rows if rows and one.get("nulls") is not None else None,
                "distinct": one.get("distinct_values"),
                "mean": one.get("mean"),
                "stddev": one.get("stddev"),
            }
        )
    return sorted(listed, key=lambda one: -(one["share"] or 0.0))


def _retraining(model: Model, tables: ProjectTables) -> list[Record]:
    """Return the latest decisions about training the model anew, the last first."""
    name = model.relation.name.lower()
    return [row for row in reversed(tables.retraining.rows) if row["model_name"].lower() == name][
        :RETRAININGS
    ]


def _verdicts(service: Monitored) -> Counter[str]:
    """Return how many features have each verdict in the last period, if possible against the training rows."""
    rows = service.latest_drift
    against = [row for row in rows if row["compared_with"] == "training"] or rows
    return Counter(row["verdict"] for row in against)
