"""A project with a model of each task on visits, a monitor whose later weeks drift, and retrain policies."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import own_project
import pyarrow as pa
import pyarrow.parquet as pq
from project import Project

from scoring.places import quoted

START = datetime(2013, 1, 7)
TRAINED, SCORED = 1500, 2500
"""Visits, one each half hour, that models learn from, and all there are: the later ones drift."""
SHARED: dict[str, Any] = {
    "key": "visit_id",
    "time": "seen_at",
    "split": {"method": "sequential", "validation": 0.1, "test": 0.2},
}
PARAMS = {"estimator": "lightgbm", "params": {"num_iterations": 12, "num_leaves": 7, "min_data_in_leaf": 10}}
BLOCKS: dict[str, dict[str, Any]] = {
    "leaving": {
        **SHARED, **PARAMS, "task": "binary", "label": "is_gone", "slices": ["plan"],
        "retrain": {"drift": 2, "performance": {"metric": "log_loss", "max": 0.01}, "new_rows": 10_000},
    },
    "amount": {**SHARED, **PARAMS, "task": "regression", "label": "paid", "retrain": "never"},
    "kind": {**SHARED, **PARAMS, "task": "multiclass", "label": "kind"},
    "linear": {**SHARED, "task": "binary", "label": "is_gone", "estimator": "logistic_regression"},
}  # fmt: skip
FEATURES = ("age", "income", "plan", "joined_at")
STEADY = 'mean "concavity"'
"""A feature of the model amount that does not drift, with a name that must be quoted."""
LABELS = {"leaving": "is_gone", "amount": "paid", "kind": "kind", "linear": "is_gone"}
MONITOR = """{{ config(materialized='ml_monitor', schema='monitoring') }}

select
    visits.*,
    scores.prediction,
    scores.model_version
from {{ ref('scores') }} as scores
inner join {{ ref('visits') }} as visits on scores.visit_id = visits.visit_id
"""
IN_TARGET_SCHEMA = MONITOR.replace(", schema='monitoring'", "").replace("ref('scores')", "ref('amounts')")
IN_FILES = {
    "months": "data/months/*/*.parquet",
    "whole": "'data/it''s {name}.parquet'",
    "lines": "read_csv('data/lines.csv')",
}
"""Sources by name, and where they lie: in a folder for each month, in one file as `init` writes it, and in CSV."""
MASKED = """select
    visit_id,
    {{ warehouse_ml.mask('email') }} as email_hash,
    {{ warehouse_ml.mask('income') }} as income_hash,
    {{ warehouse_ml.mask('seen_at') }} as seen_at_hash,
    {{ warehouse_ml.mask('age') }} as age_hash,
    {{ warehouse_ml.mask('email', method='truncate', to=2) }} as email_start,
    {{ warehouse_ml.mask('seen_at', method='truncate', to='quarter') }} as quarter_at,
    {{ warehouse_ml.mask('email', method='null') }} as nothing
from {{ ref('visits') }}
"""


def make(folder: Path) -> Project:
    """Write the project; nothing is built yet."""
    watch = {"model": "leaving", "period": "week", "slices": ["plan"]}
    is_steady = {"warehouse_ml.has_no_drift": {"arguments": {"kinds": "feature", "features": [STEADY]}}}
    amounts = {"model": "amount", "period": "week"}
    sources = [{"name": name, "config": {"meta": {"external_location": IN_FILES[name]}}} for name in IN_FILES]
    _write_parquet(folder / "data")
    personal = {"name": "email", "config": {"meta": {"pii": True}}}
    return own_project.make(
        folder,
        {"visits": _visits()},
        BLOCKS,
        queries={name: _query(name) for name in BLOCKS},
        files={
            "models/marts/scores.sql": "{{ warehouse_ml.predict(ref('leaving'), ref('visits')) }}\n",
            "models/marts/amounts.sql": "{{ warehouse_ml.predict(ref('amount'), ref('visits')) }}\n",
            "models/files.yml": json.dumps({"sources": [{"name": "files", "tables": sources}]}),
            "models/marts/months.sql": "select * from {{ source('files', 'months') }}\n",
            "models/marts/whole.sql": "select * from {{ source('files', 'whole') }}\n",
            "models/marts/reasons.sql": "{{ warehouse_ml.explain(ref('leaving'), ref('visits'), k=2) }}\n",
            "models/marts/masked.sql": MASKED,
            "models/monitoring/watch.sql": MONITOR,
            "models/monitoring/watch.yml": json.dumps(
                {"models": [{"name": "watch", "config": {"meta": {"ml_monitor": watch}}}]}
            ),
            "models/monitoring/watch_amounts.sql": IN_TARGET_SCHEMA,
            "models/monitoring/watch_amounts.yml": json.dumps(
                {
                    "models": [
                        {
                            "name": "watch_amounts",
                            "config": {"meta": {"ml_monitor": amounts}},
                            "data_tests": [is_steady],
                        }
                    ]
                }
            ),
            "seeds/visits.yml": json.dumps({"seeds": [{"name": "visits", "columns": [personal]}]}),
        },
    )


def _write_parquet(folder: Path) -> None:
    for month in (1, 2):
        rows = pa.table({"visit_id": [month, month + 10], "seen_at": [START, None], "paid": [0.1, None]})
        place = folder / f"months/month={month}"
        place.mkdir(parents=True)
        pq.write_table(rows, place / "part.parquet")
        pq.write_table(rows, folder / "it's whole.parquet")


def _query(model: str) -> str:
    until = START + timedelta(minutes=30 * TRAINED)
    names = ["visit_id", "seen_at", *FEATURES, LABELS[model], *([STEADY] if model == "amount" else [])]
    columns = ", ".join(map(quoted, names))
    return f"select {columns} from {{{{ ref('visits') }}}} where seen_at < timestamp '{until}'"


def _visits() -> str:
    drawn = random.Random(5)
    lines = ["visit_id,seen_at,age,income,plan,joined_at,paid,kind,is_gone,email," + quoted(STEADY)]
    for number in range(SCORED):
        is_late = number >= TRAINED
        income = drawn.gauss(4500 if is_late else 3000, 900)
        plan = drawn.choice(["a", "b", "it's \\", "", *(["new"] if is_late else [])])
        joined_at = START - timedelta(hours=drawn.randrange(9000), microseconds=drawn.randrange(10**6))
        if number % 7 == 0:  # does not exist in New York
            joined_at = datetime(2013, 3, 10, 2, 30)
        is_gone = drawn.random() < 0.1 + 0.6 * (income < 2600) + 0.2 * (plan == "a") + joined_at.hour / 80
        label = "" if number >= SCORED - 40 else str(is_gone).lower()
        kind = "abc"[int(income > 3000) + int(plan == "b")]
        values = (
            number, START + timedelta(minutes=30 * number), drawn.choice(["", drawn.randint(18, 90)]), repr(income),
            plan, "" if number % 11 == 0 else joined_at, repr(income / 7 + drawn.random()), kind, label,
            "" if number % 13 == 0 else f"person{number % 50}@example.org", number % 10 / 4,
        )  # fmt: skip
        lines.append(",".join(map(str, values)))
    return "\n".join(lines) + "\n"


def described(name: str, block: Mapping[str, Any]) -> str:
    """Return the YAML of a model."""
    return json.dumps({"models": [{"name": name, "config": {"meta": {"ml": dict(block)}}}]})
