"""A model that Spark's tasks fit together: through the same gates, and as good as one that a single process fits."""

from __future__ import annotations

import random
from collections.abc import Iterator

import own_project
import pytest
from project import Project
from spark_process import SparkProcess

ROWS = 12_000
BLOCK = {
    "task": "binary",
    "label": "is_gone",
    "key": "person_id",
    "time": "seen_at",
    "split": {"method": "sequential", "validation": 0.2, "test": 0.3},
    "estimator": "lightgbm",
    "params": {"num_iterations": 200, "num_leaves": 7},
    "gates": [{"metric": "roc_auc", "min": 0.6}],
}
ALONE, TOGETHER = {**BLOCK, "distributed": False}, {**BLOCK, "distributed": True}
BUILD = ("build", "-s", "people", "alone", "together", "again", "scores")
MODELS = {"alone": ALONE, "together": TOGETHER, "again": TOGETHER}
PREDICTIONS = "{{ warehouse_ml.predict(ref('together'), ref('people')) }}"


def people() -> str:
    chance = random.Random(3)
    lines = ["person_id,seen_at,joined_at,age,income,plan,is_gone"]
    for number in range(ROWS):
        income, plan = chance.gauss(3000, 900), chance.choice(["a", "b", 'it\'s "c"', ""])
        is_gone = chance.random() < 0.1 + 0.6 * (income < 2600) + 0.2 * (plan == "a")
        age = chance.choice(["", str(chance.randint(18, 90))])
        quoted = '"' + plan.replace('"', '""') + '"' if plan else ""
        # Several rows have each time, one of which both cuts fall on.
        at = f"2013-{1 + number // 1000:02d}-{1 + number // 50 % 20:02d} 06:30:00"
        joined_at = f"2012-{1 + number % 12:02d}-{1 + number % 28:02d} {number % 24:02d}:15:00"
        lines.append(f"{number},{at},{joined_at},{age},{income!r},{quoted},{str(is_gone).lower()}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("together")
    return own_project.make(
        folder, {"people": people()}, MODELS, files={"models/marts/scores.sql": PREDICTIONS}
    )


@pytest.fixture(scope="module")
def spark(project: Project) -> Iterator[SparkProcess]:
    with SparkProcess(project.folder) as process:
        run = process.dbt(*BUILD)
        assert run.code == 0, run.output
        yield process


def auc(spark: SparkProcess, model: str) -> float:
    ((value,),) = spark.rows(
        f"select metric.value from (select explode(metrics) as metric from ml.{model}) where metric.metric = 'roc_auc' "
        "and metric.dataset = 'test' and metric.predictor = 'model' and metric.slice_column is null"
    )
    return float(value)


def test_it_is_as_good_as_one_that_a_single_process_fits(spark: SparkProcess) -> None:
    assert auc(spark, "together") == pytest.approx(auc(spark, "alone"), abs=0.002)
    for name in ("split.parts", "training_snapshot.rows", "training_snapshot.cutoff"):
        (one,), (other,) = spark.rows(f"select {name} from ml.alone union all select {name} from ml.together")
        assert one == other
