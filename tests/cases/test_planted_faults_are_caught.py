"""Two planted faults, a feature in hours instead of minutes and a new carrier, train the model; a quiet month does not.

Each build sees the flights up to its instant and measures the drift of the month in which no version was trained.
"""

from __future__ import annotations

import json
from typing import Any

import own_project
import pytest
from project import Project

DAYS, FLIGHTS = 28, 20
MONTHS = 4
"""January is learnt from, February is quiet, and March is quiet or has a fault; one day of April ends March."""


def seed() -> str:
    """Return flights of numbered months, each drawn alike."""
    rows = ["id,departed_at,minutes,carrier,y"]
    for n in range(MONTHS * DAYS * FLIGHTS):
        month, day = 1 + n // (DAYS * FLIGHTS), 1 + n % (DAYS * FLIGHTS) // FLIGHTS
        minutes, carrier = 30 + n * 7919 % 331, "ABC"[n * 31 % 97 % 3]
        at = f"2024-{month:02}-{day:02} {n % FLIGHTS:02}:00:00"
        rows.append(f"{n},{at},{minutes},{carrier},{int(minutes > 200 + n * 13 % 90)}")
    return "\n".join(rows) + "\n"


BLOCK: dict[str, Any] = {
    "task": "binary",
    "label": "y",
    "key": "id",
    "time": "departed_at",
    "split": {"method": "sequential", "test": 0.1},
    "params": {"min_data_in_leaf": 10, "num_iterations": 10},
    "retrain": {"drift": 1},
}
FLIGHTS_SQL = """
select
    id,
    departed_at,
    {hours} as minutes,
    {carrier} as carrier,
    y
from {{{{ ref('departures') }}}}
where departed_at < timestamp '{{{{ var('as_of') }}}}'
""".format(
    hours="case when month(departed_at) = 3 and '{{ var('fault') }}' = 'hours' then minutes / 60 else minutes end",
    carrier="case when month(departed_at) = 3 and id % 4 = 0 and '{{ var('fault') }}' = 'carrier' then 'Z' "
    "else carrier end",
)
MONITOR = """
select flights.*, predictions.prediction, predictions.model_version
from {{ ref('flights') }} as flights
inner join {{ ref('predictions') }} as predictions on flights.id = predictions.id
"""
BUILT = ("2024-02-01", "2024-03-01", "2024-04-01")


def build(project: Project, as_of: str, fault: str = "none") -> None:
    run = project.plain("build", "-s", "departures+", "--vars", json.dumps({"as_of": as_of, "fault": fault}))
    assert run.code == 0, run.output


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project as of March, which trained in January."""
    monitor = {
        "name": "late_monitor",
        "config": {
            "materialized": "ml_monitor",
            "meta": {"ml_monitor": {"model": "late", "period": "month"}},
        },
    }
    project = own_project.make(
        tmp_path_factory.mktemp("faults"),
        {"departures": seed()},
        {"late": BLOCK},
        queries={"late": "select * from {{ ref('flights') }}"},
        files={
            "models/flights.sql": FLIGHTS_SQL,
            "models/predictions.sql": "{{ warehouse_ml.predict(ref('late'), ref('flights')) }}",
            "models/late_monitor.sql": MONITOR,
            "models/late_monitor.yml": json.dumps({"models": [monitor]}),
        },
    )
    for as_of in BUILT[:2]:
        build(project, as_of)
    return project


def decisions(project: Project) -> list[tuple[Any, ...]]:
    return project.query(
        "select strftime(as_of, '%m'), version, is_due, reason from monitoring.retrain_decisions order by decided_at"
    )


@pytest.mark.parametrize(
    ("fault", "drifting"), [("none", None), ("hours", "minutes"), ("carrier", "carrier")]
)
def test_a_month(
    quiet: Project, tmp_path_factory: pytest.TempPathFactory, fault: str, drifting: str | None
) -> None:
    project = quiet.copy_to(tmp_path_factory.mktemp(fault))
    build(project, BUILT[2], fault)
    *before, (month, version, is_due, reason) = decisions(project)
    assert [row[:3] for row in before] == [("02", 1, False), ("03", 1, False)], before
    assert (month, version, is_due) == ("04", 1, drifting is not None), reason
    alerts = project.folder / "target/alerts.jsonl"
    found = [json.loads(line) for line in alerts.read_text().splitlines()] if alerts.exists() else []
    assert [(each["kind"], each["model"]) for each in found] == [("drift", "late")] * (drifting is not None)
    if drifting is None:
        assert "0 features drift" in reason
        return
    assert drifting in reason
    assert drifting in {each["feature"] for each in found[0]["features"]}
    assert (
        'warehouse_ml_drift_features{model="late"'
        in (project.folder / "target/warehouse_ml.prom").read_text()
    )
    build(project, "2024-04-02", fault)
    assert decisions(project)[-1][:2] == ("04", 2)
