"""Real builds as of four instants: each model is trained when its policy said so at the end of the build before."""

from __future__ import annotations

import json
from typing import Any

import own_project
import pytest
from project import Project

TABLE = "id,sold_at,x,y\n" + "".join(
    f"{n},2024-{1 + n // 280:02}-{1 + n % 280 // 10:02} 12:00:00,{n * 37 % 100},{int(n * 37 % 100 > 50)}\n"
    for n in range(840)
)
"""Ten sales a day on 28 days of three months."""
BLOCK: dict[str, Any] = {
    "task": "binary",
    "label": "y",
    "key": "id",
    "time": "sold_at",
    "split": {"method": "sequential", "test": 0.3},
    "params": {"min_data_in_leaf": 10, "num_iterations": 5},
}
POLICIES: dict[str, Any] = {
    "free": None,
    "frozen": "never",
    "aged": {"max_age": "30 days"},
    "counted": {"new_rows": 100, "max_age": "300 days"},
}
SOLD = "select id, sold_at, x, y from {{ ref('sales') }} where sold_at <= timestamp '{{ var('as_of') }}'"
COUNTED = """
def model(dbt, session):
    return dbt.ref("sold")
"""
INSTANTS = ("2024-02-01", "2024-02-21", "2024-03-10", "2024-03-11")
VERSIONS = {
    "free": [1, 2, 3, 4],
    "frozen": [1, 1, 1, 1],
    "aged": [1, 1, 1, 2],
    "counted": [1, 1, 2, 2],
}
DUE = {
    "free": [True, True, True, True],
    "frozen": [False, False, False, False],
    "aged": [False, False, True, False],
    "counted": [False, True, False, False],
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    blocks = {name: {**BLOCK, "retrain": policy} if policy else BLOCK for name, policy in POLICIES.items()}
    project = own_project.make(
        tmp_path_factory.mktemp("retraining"),
        {"sales": TABLE},
        blocks,
        queries=dict.fromkeys(POLICIES, "select * from {{ ref('sold') }}"),
        files={"models/sold.sql": SOLD, "models/ml/counted.py": COUNTED},
    )
    (project.folder / "models/ml/counted.sql").unlink()
    block = {"name": "counted", "config": {"materialized": "ml_model", "meta": {"ml": blocks["counted"]}}}
    (project.folder / "models/ml/counted.yml").write_text(json.dumps({"models": [block]}))
    for instant in INSTANTS:
        run = project.plain("build", "-s", "sales+", "--vars", json.dumps({"as_of": instant}))
        assert run.code == 0, run.output
    return project


@pytest.mark.parametrize("model", POLICIES)
def test_each_model_follows_its_policy(built: Project, model: str) -> None:
    rows = built.query(
        "select strftime(as_of, '%Y-%m-%d'), version, is_due, is_trained, reason "
        f"from monitoring.retrain_decisions where model_name = '{model}' order by as_of"
    )
    assert tuple(row[0] for row in rows) == INSTANTS
    assert [row[1] for row in rows] == VERSIONS[model], rows
    assert [row[2] for row in rows] == DUE[model], rows
    assert [row[3] for row in rows] == [
        a != b for a, b in zip([0, *VERSIONS[model]], VERSIONS[model], strict=False)
    ]


def test_a_decision_says_why(built: Project) -> None:
    why = "select reason from monitoring.retrain_decisions where model_name = '{}' and as_of::date = '{}'"
    ((aged,),) = built.query(why.format("aged", "2024-03-10"))
    assert "version 1 is 38 days old (max_age 30 days)" in aged
    ((counted,),) = built.query(why.format("counted", "2024-02-21"))
    assert counted == "200 new rows (new_rows 100)"
    ((frozen,),) = built.query(why.format("frozen", "2024-03-11"))
    assert frozen.startswith("never")
