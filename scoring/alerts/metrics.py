"""The metrics of a run, in the text format of Prometheus, for the node exporter's textfile collector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from scoring.alerts.facts import Facts
from scoring.alerts.run import Run

PREFIX = "warehouse_ml_"
BUILD = {
    "build_success": ((), "Whether the last dbt run ended well: 1 or 0."),
    "build_finished_timestamp_seconds": ((), "When the last dbt run ended, in seconds since 1970."),
    "build_duration_seconds": ((), "How long the last dbt run took, its last hooks aside."),
    "build_nodes": (("status",), "Nodes of the last dbt run by the status that dbt gave them."),
}
STATE = {
    "champion_version": (("model",), "The version that scores; no sample where none may."),
    "newest_version": (("model",), "The newest version."),
    "refused": (("model",), "Whether the last decision about the model is a refusal: 1 or 0."),
    "gates_failed": (("model", "severity"), "Gates that the newest version fails."),
    "metric": (("model", "metric", "dataset"), "A metric of the champion, measured when it was trained."),
    "live_metric": (
        ("model", "version", "role", "metric"),
        "A metric over the latest period with labels.",
    ),
    "drift_features": (
        ("model", "version", "verdict"),
        "Features, and the prediction, by the verdict on the latest judged period, all rows.",
    ),
    "retrain_due": (("model",), "Whether the next build trains the model by its policy: 1 or 0."),
    "data_quality_score": (("table",), "Quality of a raw table in its last measurement, from 0 to 1."),
    "data_quality_quarantined_rows": (("table",), "Rows of a raw table in quarantine."),
}
METRICS = {PREFIX + name: described for name, described in {**BUILD, **STATE}.items()}
"""Every metric: its labels, beside project and target, and what it says."""
VERDICTS = ("drift", "warn", "stable")
"""From the worst: a feature that is compared with several references has the worst of its verdicts."""

Sample = tuple[str, Sequence[object], float]


def write_metrics(run: Run, facts: Facts) -> None:
    """Write the file of a finished run, replaced as a whole."""
    _write(run, [*_of_build(run, is_success(run, facts)), *_of_state(facts)])


def write_unfinished(run: Run) -> None:
    """Write that a run ended before its last hook; what an earlier run said of models and tables stays."""
    _write(run, _of_build(run, False), keep=(PREFIX + name for name in STATE))


class _Kept(Collector):
    """Metrics of an earlier file."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


def _write(run: Run, samples: Iterable[Sample], *, keep: Iterable[str] = ()) -> None:
    registry = CollectorRegistry()
    gauges = {}
    for name, labels, value in samples:
        if name not in gauges:
            names, text = METRICS[PREFIX + name]
            gauges[name] = Gauge(PREFIX + name, text, ("project", "target", *names), registry=registry)
        gauges[name].labels(run.project, run.target, *map(str, labels)).set(value)
    file = run.metrics_file
    if kept := set(keep):
        text = file.read_text() if file.exists() else ""
        registry.register(_Kept(each for each in text_string_to_metric_families(text) if each.name in kept))
    file.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(file), registry)


def is_success(run: Run, facts: Facts) -> bool:
    """Return whether no node failed and no model that was built is refused."""
    return not (run.failed or any(model.is_refused and model.name in run.built for model in facts.models))


def _of_build(run: Run, is_success: bool) -> Iterable[Sample]:
    yield "build_success", (), is_success
    yield "build_finished_timestamp_seconds", (), run.finished_at.replace(tzinfo=UTC).timestamp()
    yield "build_duration_seconds", (), (run.finished_at - run.started_at).total_seconds()
    for status, count in sorted(Counter(node.status for node in run.nodes).items()):
        yield "build_nodes", (status,), count


def _of_state(facts: Facts) -> Iterable[Sample]:
    for model in facts.models:
        if model.champion is not None:
            yield "champion_version", (model.name,), model.champion
        if model.newest is not None:
            yield "newest_version", (model.name,), model.newest
        yield "refused", (model.name,), model.is_refused
        for severity in ("error", "warn"):
            failed = sum(gate["severity"] == severity for gate in model.failed_gates)
            yield "gates_failed", (model.name, severity), failed
        for metric, dataset, value in model.metrics:
            yield "metric", (model.name, metric, dataset), value
    for *labels, value in facts.live:
        yield "live_metric", labels, value
    for drift in facts.drift:
        whole = [each for each in drift.verdicts if each["slice_column"] is None]
        worst = {
            each["feature"]: each["verdict"]
            for each in sorted(whole, key=lambda each: VERDICTS.index(each["verdict"]), reverse=True)
        }
        for verdict in VERDICTS:
            count = sum(each == verdict for each in worst.values())
            yield "drift_features", (drift.model, drift.version, verdict), count
    for model_name, is_due in facts.retrain:
        yield "retrain_due", (model_name,), is_due
    for table, score, quarantined in facts.quality:
        if score is not None:
            yield "data_quality_score", (table,), score
        yield "data_quality_quarantined_rows", (table,), quarantined
