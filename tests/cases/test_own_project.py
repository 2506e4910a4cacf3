"""The smallest project of somebody else builds: one table, one model, its predictions; nothing of ours is copied."""

from __future__ import annotations

from pathlib import Path

import own_project

import scoring

ROWS = "".join(f"{n},{n % 7},{n % 5},{(n % 7) * 2 + n % 5}\n" for n in range(300))
BLOCK = {
    "task": "regression",
    "label": "price",
    "key": "id",
    "split": {"method": "random", "validation": 0.2, "test": 0.2},
}
PREDICTIONS = "{{ warehouse_ml.predict(ref('price'), ref('rows')) }}"


def test_one_table_and_one_model_build(tmp_path: Path) -> None:
    project = own_project.make(
        tmp_path,
        {"rows": f"id,rooms,floor,price\n{ROWS}"},
        {"price": BLOCK},
        files={"models/marts/prices.sql": PREDICTIONS},
        has_macros=False,
    )
    run = project.build()
    assert run.code == 0, run.output
    assert project.query("select count(*) from main_marts.prices") == [(300,)]
    assert project.query("select model_name, version, action from main_ml.decisions") == [
        ("price", 1, "accept")
    ]
    with scoring.connect(project.warehouse, read_only=True) as warehouse:
        rows = warehouse.sql("select max(abs(ml_predict('price', r) - r.price)) from main_raw.rows as r")
        assert rows.fetchall()[0][0] < 10
