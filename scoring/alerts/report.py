"""The entry: a run's alerts and metrics, read from the warehouse, written and posted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scoring.alerts.facts import read_facts
from scoring.alerts.lines import Alert, alerts, unfinished
from scoring.alerts.metrics import is_success, write_metrics, write_unfinished
from scoring.alerts.run import WEBHOOK, Run
from scoring.warehouse import Warehouse


@dataclass(frozen=True)
class Report:
    """What became of a report.

    Parameters
    ----------
    is_failure
        Whether it says that the run failed.
    problems
        What could not be written or posted, one sentence each.
    """

    is_failure: bool
    problems: list[str]


def now() -> datetime:
    """Return the present instant in UTC, without a time zone as everywhere."""
    return datetime.now(UTC).replace(tzinfo=None)


def report(warehouse: Warehouse, request: str, *, folder: str, target_path: str) -> Report:
    """Write and post what a run that reached its end has to say.

    Parameters
    ----------
    request
        JSON with the keys of `scoring.alerts.run.Run.of`.
    folder, target_path
        The project's folder, and dbt's for what it writes.
    """
    run = Run.of(json.loads(request), folder=Path(folder), target_path=Path(target_path), finished_at=now())
    facts = read_facts(warehouse, run)
    problems = []
    try:
        write_metrics(run, facts)
    except OSError as error:
        problems.append(f"The metrics were not written to {run.metrics_file}: {error.strerror}")
    problems += send(run, alerts(run, facts))
    return Report(not is_success(run, facts), problems)


def report_unfinished(run: Run) -> list[str]:
    """Write and post that a run ended before its last hook, and return what could not be."""
    problems = []
    try:
        write_unfinished(run)
    except OSError as error:
        problems.append(f"The metrics were not written to {run.metrics_file}: {error.strerror}")
    return [*problems, *send(run, [unfinished(run)])]


def send(run: Run, alerts: list[Alert]) -> list[str]:
    """Append alerts to the file, post them if there is a webhook, and return what did not work."""
    problems: list[str] = []
    if not alerts:
        return problems
    try:
        run.alerts_file.parent.mkdir(parents=True, exist_ok=True)
        with run.alerts_file.open("a", encoding="utf-8") as file:
            file.write("".join(f"{json.dumps(alert)}\n" for alert in alerts))
    except OSError as error:
        problems.append(f"The alerts were not written to {run.alerts_file}: {error.strerror}")
    if url := run.environment.get(WEBHOOK, "").strip():
        from scoring.alerts.webhook import post  # its library takes long to import

        if (problem := post(url, alerts)) is not None:
            problems.append(f"{problem}; they are in {run.alerts_file}")
    return problems
