"""Two planted faults, a feature in hours instead of minutes and a new carrier, train a model; a quiet month does not.

Three models learn from January. In March one sees the first fault, one the second, and one none; each has a monitor.
"""

from __future__ import annotations

import json
from typing import Any

import own_project
import pytest
from project import Project

DAYS, FLIGHTS, MONTHS = 28, 20, 4
MARCH = "case when month(departed_at) = 3 and {} then {} else {} end"
FAULTS = {
    "quiet": ("minutes", "carrier"),
    "in_hours": (MARCH.format("true", "minutes / 60", "minutes"), "carrier"),
    "new_carrier": ("minutes", MARCH.format("id % 4 = 0", "'Z'", "carrier")),
}
DRIFTING = {"quiet": None, "in_hours": "minutes", "new_carrier": "carrier"}
BUILDS = ("2024-02-01", "2024-04-01", "2024-04-02")
BLOCK: dict[str, Any] = {
    "task": "binary",
    "label": "y",
    "key": "id",
    "time": "departed_at",
    "split": {"method": "sequential", "test": 0.1},
    "params": {"min_data_in_leaf": 10, "num_iterations": 10},
    "retrain": {"drift": 1},
}
QUERY = """
select id, departed_at, {} as minutes, {} as carrier, y from {{{{ ref('departures') }}}}
where departed_at < timestamp '{{{{ var('as_of') }}}}'
"""
MONITOR = """
select flights.*, predictions.prediction, predictions.model_version
from {{{{ ref('flights_{name}') }}}} as flights
inner join {{{{ ref('predictions_{name}') }}}} as predictions on flights.id = predictions.id
"""


def seed() -> str:
    """Return flights of numbered months, each drawn alike."""
    rows = ["id,departed_at,minutes,carrier,y"]
    for n in range(MONTHS * DAYS * FLIGHTS):
        month, day = 1 + n // (DAYS * FLIGHTS), 1 + n % (DAYS * FLIGHTS) // FLIGHTS
        minutes, carrier = 30 + n * 7919 % 331, "ABC"[n * 31 % 97 % 3]
        at = f"2024-{month:02}-{day:02} {n % FLIGHTS:02}:00:00"
        rows.append(f"{n},{at},{minutes},{carrier},{int(minutes > 200 + n * 13 % 90)}")
    return "\n".join(rows) + "\n"


def files(name: str) -> dict[str, str]:
    block = {"materialized": "ml_monitor", "meta": {"ml_monitor": {"model": name, "period": "month"}}}
    monitor = {"name": f"monitor_{name}", "config": block}
    return {
        f"models/flights_{name}.sql": QUERY.format(*FAULTS[name]),
        f"models/predictions_{name}.sql": f"{{{{ warehouse_ml.predict(ref('{name}'), ref('flights_{name}')) }}}}",
        f"models/monitor_{name}.sql": MONITOR.format(name=name),
        f"models/monitor_{name}.yml": json.dumps({"models": [monitor]}),
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = own_project.make(
        tmp_path_factory.mktemp("faults"),
        {"departures": seed()},
        dict.fromkeys(FAULTS, BLOCK),
        queries={name: f"select * from {{{{ ref('flights_{name}') }}}}" for name in FAULTS},
        files={path: text for name in FAULTS for path, text in files(name).items()},
    )
    for as_of in BUILDS:
        run = project.plain("build", "-s", "departures+", "--vars", json.dumps({"as_of": as_of}))
        assert run.code == 0, run.output
    return project


@pytest.mark.parametrize("name", FAULTS)
def test_a_model(built: Project, name: str) -> None:
    drifting = DRIFTING[name]
    after_january, after_march, next_day = built.query(
        f"select version, is_due, reason from monitoring.retrain_decisions where model_name = '{name}' order by as_of"
    )
    assert after_january[:2] == (1, False), after_january
    assert after_march[:2] == (1, drifting is not None), after_march
    assert (drifting or "0 features drift") in after_march[2]
    assert next_day[0] == (1 if drifting is None else 2), next_day


def test_drift_is_alerted_of(built: Project) -> None:
    alerts = [json.loads(line) for line in (built.folder / "target/alerts.jsonl").read_text().splitlines()]
    drifting = {
        (each["kind"], each["model"]): {one["feature"] for one in each["features"]} for each in alerts
    }
    assert set(drifting) == {("drift", name) for name, drifting in DRIFTING.items() if drifting}
    assert "minutes" in drifting["drift", "in_hours"]
    assert "carrier" in drifting["drift", "new_carrier"]
    metrics = (built.folder / "target/warehouse_ml.prom").read_text()
    assert 'warehouse_ml_drift_features{model="quiet"' in metrics
