"""The smallest project of somebody else builds: a table, a model, its predictions; nothing of ours is copied."""

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
CONTRACT = """
seeds:
  - name: listed
    config:
      column_types: {id: integer, rooms: integer, floor: integer, price: integer}
      meta: {raw_contract: {key: [id], ranges: {floor: {max: 3}}, max_bad_share: 0.5}}
"""
ACCEPTED = "select * from {{ warehouse_ml.accepted_rows(ref('listed')) }}"
PREDICTIONS = "{{ warehouse_ml.predict(ref('price'), ref('rows')) }}"


def test_a_table_and_a_model_build_with_a_contract_and_without(tmp_path: Path) -> None:
    project = own_project.make(
        tmp_path,
        {"rows": f"id,rooms,floor,price\n{ROWS}", "listed": f"id,rooms,floor,price\n{ROWS}"},
        {"price": BLOCK, "low_price": {**BLOCK, "params": {"num_iterations": 10}}},
        queries={"low_price": ACCEPTED},
        files={"models/marts/prices.sql": PREDICTIONS, "seeds/listed.yml": CONTRACT.lstrip()},
        has_macros=False,
    )
    run = project.build()
    assert run.code == 0, run.output
    assert project.query("select count(*) from main_marts.prices") == [(300,)]
    assert project.query("select model_name, version, action from main_ml.decisions order by all") == [
        ("low_price", 1, "accept"),
        ("price", 1, "accept"),
    ]
    assert project.query("select count(*) from main_staging.quarantine") == [(60,)]
    with scoring.connect(project.warehouse, read_only=True) as warehouse:
        rows = warehouse.sql("select max(abs(ml_predict('price', r) - r.price)) from main_raw.rows as r")
        assert rows.fetchall()[0][0] < 10
