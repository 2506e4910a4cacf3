"""A project with a model of people and what it says of them, built on DuckDB and on Spark."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import own_project
from project import Project
from spark_process import SparkProcess

BLOCK = {
    "task": "binary",
    "label": "is_gone",
    "key": "person_id",
    "time": "seen_at",
    "split": {"method": "sequential", "validation": 0.1, "test": 0.2},
    "params": {"num_iterations": 20, "num_leaves": 7, "min_data_in_leaf": 10},
    "gates": [{"metric": "roc_auc", "min": 0.6}],
}
OUTPUTS = "['prediction', 'predicted_class', 'probabilities']"
PREDICTIONS = "{{ warehouse_ml.predict(ref('leaving'), ref('people'), outputs=" + OUTPUTS + ") }}"
SOME_PEOPLE = """
select * from {{ ref('people') }}
where person_id between {{ var('first_person', 0) }} and {{ var('first_person', 0) }} + 499
"""
KEPT_SCORES = """
{{ config(
    materialized='incremental', unique_key='person_id',
    post_hook="{{ warehouse_ml.drop_gone_rows(ref('some_people'), key='person_id') }}"
) }}

with scores as (

    {{ warehouse_ml.predict(ref('leaving'), ref('some_people'), key='person_id') }}

)

select person_id, prediction, row_hash, model_version, scored_at from scores
"""
ORDERS = "order_id,amount\n1,5\n2,-5\n3,\n4,seven\n5,8\n5,9\n6,1\n"
CONTRACT = {
    "name": "orders",
    "config": {
        "column_types": {"order_id": "integer", "amount": "integer"},
        "meta": {
            "raw_contract": {
                "key": ["order_id"], "required": ["amount"], "ranges": {"amount": {"min": 0}}, "max_bad_share": 0.9
            }
        },
    },
}  # fmt: skip
SOUND_ORDERS = "select * from {{ warehouse_ml.accepted_rows(ref('orders')) }} as orders"
BUILD = ("build", "-s", "people", "leaving", "scores", "model_versions", "+champions", "+champion_history")


def people() -> str:
    chance = random.Random(1)
    lines = ["person_id,seen_at,age,income,plan,is_gone"]
    for number in range(900):
        income, plan = chance.gauss(3000, 900), chance.choice(["a", "b", 'it\'s "c"', ""])
        is_gone = chance.random() < 0.1 + 0.6 * (income < 2600) + 0.2 * (plan == "a")
        age = chance.choice(["", str(chance.randint(18, 90))])
        quoted = '"' + plan.replace('"', '""') + '"' if plan else ""
        at = f"2013-{1 + number % 12:02d}-{1 + number % 28:02d} {number % 24:02d}:30:00"
        lines.append(f"{number},{at},{age},{income!r},{quoted},{str(is_gone).lower()}")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Both:
    duckdb: Project
    spark: SparkProcess

    def rows(self, sql: str) -> tuple[list[tuple], list[tuple]]:
        return self.duckdb.query(sql), self.spark.rows(sql)


@contextmanager
def on_both(folder: Path) -> Iterator[Both]:
    """Make and build the project on both; the process of Spark lives as long as the context."""
    seeds = {"people": people(), "orders": ORDERS}
    files = {
        "models/marts/scores.sql": PREDICTIONS,
        "models/marts/some_people.sql": SOME_PEOPLE,
        "models/marts/kept_scores.sql": KEPT_SCORES,
        "models/marts/sound_orders.sql": SOUND_ORDERS,
        "seeds/orders.yml": json.dumps({"seeds": [CONTRACT]}),
    }
    project = own_project.make(folder, seeds, {"leaving": BLOCK}, files=files)
    assert project.dbt(*BUILD).code == 0
    with SparkProcess(folder) as spark:
        run = spark.dbt(*BUILD)
        assert run.code == 0, run.output
        yield Both(project, spark)
