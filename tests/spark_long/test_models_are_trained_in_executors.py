"""A model that Spark's tasks fit together: through the same gates, and as good as one that a single process fits."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import duckdb
import own_project
import pyarrow as pa
import pytest
from project import Project
from spark_process import SparkProcess

from scoring.spark.tables import arrow_of
from training.data.dataset import Source
from training.data.prepared_rows import Rows
from training.declared import config as configuration

ROWS = 12_000
BLOCK = {
    "task": "binary",
    "label": "is_gone",
    "key": "person_id",
    "time": "seen_at",
    "split": {"method": "sequential", "validation": 0.2, "test": 0.3},
    "estimator": "lightgbm",
    "params": {"num_iterations": 40, "learning_rate": 0.1, "num_leaves": 5},
    "gates": [{"metric": "roc_auc", "min": 0.6}],
}
ALONE, TOGETHER = {**BLOCK, "distributed": False}, {**BLOCK, "distributed": True}
MODELS = {"alone": ALONE, "together": TOGETHER, "again": TOGETHER}
BUILD = ("build", "-s", "people", *MODELS, "scores")
PREDICTIONS = "{{ warehouse_ml.predict(ref('together'), ref('people')) }}"


def people() -> str:
    chance = random.Random(3)
    lines = ["person_id,seen_at,joined_at,age,in.come `net`,plan,is_gone"]
    for number in range(ROWS):
        income, plan = chance.gauss(3000, 900), chance.choice(["a", "b", 'it\'s "c"', ""])
        plan = f"only {number}" if number % 300 == 7 else plan
        is_gone = chance.random() < 0.1 + 0.6 * (income < 2600) + 0.2 * (plan == "a")
        age = chance.choice(["", str(chance.randint(18, 90))])
        quoted = '"' + plan.replace('"', '""') + '"' if plan else ""
        # Many rows have the same time, and both cuts are between rows of one.
        at = f"2013-{1 + number // 1100:02d}-{1 + number // 55 % 20:02d} 06:30:00"
        joined_at = f"2012-{1 + number % 12:02d}-{1 + number % 28:02d} {number % 24:02d}:15:00"
        lines.append(f"{number},{at},{joined_at},{age},{income!r},{quoted},{str(is_gone).lower()}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("together")
    files = {"models/marts/scores.sql": PREDICTIONS}
    return own_project.make(folder, {"people": people()}, MODELS, files=files)


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


def notices(spark: SparkProcess, model: str) -> str:
    newest = f"select array_join(notices, ' ') from ml.{model} order by version desc limit 1"
    ((text,),) = spark.rows(newest)
    return str(text)


def test_it_is_as_good_as_one_that_a_single_process_fits(spark: SparkProcess) -> None:
    assert auc(spark, "together") == pytest.approx(auc(spark, "alone"), abs=0.001)
    assert "in 2 tasks of Spark on 5,995 rows" in notices(spark, "together")


def test_it_has_the_same_parts_of_the_split_and_the_same_features(spark: SparkProcess) -> None:
    profile = "filter(reference_profile, each -> each.kind = 'feature')"
    for name in ("split", "training_snapshot.rows", "training_snapshot.cutoff", "signature", profile):
        alone, together = spark.rows(f"select {name} from ml.alone union all select {name} from ml.together")
        assert alone == together, name


def test_the_same_rows_give_the_same_trees(spark: SparkProcess) -> None:
    digests = "artifact_sha256, scoring_sha256, data_fingerprint, training_snapshot.fingerprint"
    together, again = spark.rows(
        f"select {digests} from ml.together union all select {digests} from ml.again"
    )
    assert together == again
    assert together[0] != spark.rows("select artifact_sha256 from ml.alone")[0][0]


def test_it_passes_the_parity_gate_and_scores(spark: SparkProcess) -> None:
    assert spark.rows("select parity.max_absolute_difference from ml.together") == [(0.0,)]
    scores = "select person_id, prediction, ml_predict('together', struct(people.*)) from raw.people join marts.scores"
    rows = spark.rows(f"{scores} using (person_id)")
    assert len(rows) == ROWS
    assert all(prediction == score for _, prediction, score in rows)


def test_a_build_without_changes_trains_nothing(spark: SparkProcess) -> None:
    assert spark.dbt("run", "-s", "together").code == 0
    assert spark.rows("select version from ml.together") == [(1,)]


def is_of(process: Path, ancestor: int) -> bool:
    """Return whether a process is a descendant of another."""
    while process.name not in ("0", "1"):
        if int(process.name) == ancestor:
            return True
        process = Path("/proc") / (process / "stat").read_text().rpartition(")")[2].split()[1]
    return False


def is_a_rank(process: Path) -> bool:
    """Return whether a process of this session has LightGBM, and rows in a file without a name."""
    try:
        files = [file.stat() for file in (process / "fd").iterdir()]
        return (
            any(file.st_nlink == 0 and file.st_size > 100_000 for file in files)
            and is_of(process, os.getpid())
            and "lib_lightgbm" in (process / "maps").read_text()
        )
    except OSError:  # it has ended
        return False


def kill_a_rank(killed: list[int], is_over: Event) -> None:
    while not killed and not is_over.is_set():
        for process in Path("/proc").glob("[0-9]*"):
            if int(process.name) != os.getpid() and is_a_rank(process):
                os.kill(int(process.name), signal.SIGKILL)
                killed.append(int(process.name))
                break


def build_while_a_rank_is_killed(spark: Any) -> tuple[bool, int]:
    from dbt.cli.main import dbtRunner

    killed: list[int] = []
    is_over = Event()
    killer = Thread(target=kill_a_rank, args=(killed, is_over))
    killer.start()
    try:
        result = dbtRunner().invoke(
            ["--quiet", "run", "-s", "together", "--full-refresh", "--target", "spark"]
        )
    finally:
        is_over.set()
        killer.join()
    return result.success, len(killed)


def test_tasks_are_started_anew_when_one_is_killed(spark: SparkProcess) -> None:
    before = spark.rows("select artifact_sha256 from ml.together")
    assert spark.call(build_while_a_rank_is_killed) == (True, 1)
    assert spark.rows("select artifact_sha256 from ml.together where version = 2") == before
    assert "at the attempt 2" in notices(spark, "together")


def sample_twice(spark: Any) -> list[dict[str, Any]]:
    from training.distributed import rows

    rows.VALUES = {"train": 1_400, "validation": 100_000, "test": 3_500}
    return [describe(rows.RowsInSpark(spark, spark.table("raw.people"), model="m")) for _ in range(2)]


def sample_all(spark: Any) -> dict[str, Any]:
    return describe(arrow_of(spark.table("raw.people")))


def describe(rows: Any) -> dict[str, Any]:
    """Return what a model would be given of rows in Spark or in Arrow."""
    block = {
        **TOGETHER,
        "split": {"method": "random", "validation": 0.1, "test": 0.3},
        "class_weight": "balanced",
    }
    with duckdb.connect() as work:
        if isinstance(rows, pa.Table):
            source = Source(work.from_arrow(rows), model_name="m")
        else:
            source = Source(work.from_arrow(rows.empty()), model_name="m", whole=rows)
        with source:
            data = source.read(configuration.parse(block, model_name="m"))
    signature = data.signature()
    prepared = Rows(data, signature, data.matrix(signature, model="m"))
    keys = data.table.column("person_id").to_pylist()
    times = data.table.column("seen_at").to_pylist()
    whole = data.whole
    return {
        "keys": {name: set(keys[part.slice]) for name, part in data.parts.items()},
        "rows": {name: whole.facts(name).rows if whole else part.rows for name, part in data.parts.items()},
        "signature": signature,
        "class_weights": prepared.class_weights().tolist(),
        "later": whole.count_later("seen_at", JULY) if whole else sum(at > JULY for at in times),
        "notices": whole.notices() if whole else [],
    }


def test_of_many_rows_a_sample_is_fetched_that_has_all_categories(spark: SparkProcess) -> None:
    every, (sample, again) = spark.call(sample_all), spark.call(sample_twice)
    assert sample == again
    for name in ("signature", "rows", "class_weights", "later"):
        assert sample[name] == every[name], name
    assert all(sample["keys"][part] <= every["keys"][part] for part in every["keys"])
    assert 150 < len(sample["keys"]["train"]) < 300
    assert 400 < len(sample["keys"]["test"]) < 600
    assert sample["keys"]["validation"] == every["keys"]["validation"]
    (notice,) = sample["notices"]
    assert f"of {every['rows']['test']:,} rows of test" in notice and "validation" not in notice


JULY = datetime(2013, 7, 1)
REPEATED = "select * from {{ ref('people') }} union all select * from {{ ref('people') }} where person_id < 3"
UNKNOWN = """select nullif(person_id, 7) as person_id, {{ warehouse_ml.all_but(['person_id']) }}
from {{ ref('people') }}"""


def test_rows_that_break_a_rule_are_found_among_all(project: Project, spark: SparkProcess) -> None:
    own_project.declare(project, TOGETHER, REPEATED, "again")
    own_project.declare(project, TOGETHER, UNKNOWN, "alone")
    run = spark.dbt("run", "-s", "again", "alone")
    assert run.code != 0
    assert "key 'person_id' must be unique; found 3 rows" in run.output
    assert "key 'person_id' must not be null; found 1 nulls" in run.output
