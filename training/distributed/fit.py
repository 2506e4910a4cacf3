"""The driver's side of a training in Spark: what the tasks are given, how often they are started, what they return."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from scoring.signature import Signature
from scoring.spark.messages import errors_of_spark
from training.distributed.rank import RESULT, Plan, run
from training.errors import DistributedError
from training.estimators.lightgbm_booster import Booster
from training.export.lightgbm_text import read_booster
from training.export.preprocessing_instants import Instants

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ATTEMPTS = 3
"""How often the tasks are started before a training is given up: Spark ends a stage of ranks with any of them."""
TASKS = "spark.warehouse_ml.training_tasks"
"""The setting of Spark that says how many tasks train; all cores of the cluster unless set."""
ROWS_PER_TASK = 1_000
"""Fewer rows are not worth a task."""
NEVER_FITS = "SPARK-24819"
"""Spark's number for a stage of more tasks than the cluster has cores."""


@dataclass(frozen=True)
class Fit:
    """What a training in Spark gave.

    Parameters
    ----------
    booster
        The model.
    tasks, rows
        How many tasks fitted it, and on how many rows.
    peak_memory_bytes
        The largest amount of memory that the Python process of a task held.
    attempts
        How often the tasks were started.
    """

    booster: Booster
    tasks: int
    rows: int
    peak_memory_bytes: int
    attempts: int


def tasks(spark: SparkSession, rows: int, *, model: str) -> int:
    """Return how many tasks are to train on so many rows.

    Raises
    ------
    training.errors.DistributedError
        If a server of Spark Connect, which does not say how many cores there are, is not told how many to use.
    """
    count = spark.conf.get(TASKS, None)
    if count is None:
        context = getattr(spark, "_sc", None)
        if context is None:
            raise DistributedError.unknown_tasks(model, TASKS)
        count = context.defaultParallelism
    return max(1, min(int(count), rows // ROWS_PER_TASK))


def fit(frame: DataFrame, plan: Plan, *, key: str, count: int, task: str) -> Fit:
    """Return what the tasks fitted.

    Parameters
    ----------
    frame
        The training rows.
    plan
        What every task is given.
    key
        The column by which rows come to their task, and are in order there, so that the same rows give the same
        trees.
    count
        The number of tasks.
    task
        The kind of prediction.

    Raises
    ------
    training.errors.DistributedError
        If none of `ATTEMPTS` ended well.
    """
    from py4j.protocol import Py4JError

    function = _function(plan, frame.columns)
    # What hands rows to Python reads names as paths, in which dots and quotes have a meaning.
    by_place = frame.toDF(*(f"c{place}" for place in range(len(frame.columns))))
    by_key = f"c{[name.lower() for name in frame.columns].index(key.lower())}"
    divided = by_place.repartition(count, by_key).sortWithinPartitions(by_key)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with warnings.catch_warnings():  # of a release of pandas that nothing of this uses
                warnings.simplefilter("ignore", FutureWarning)
                done = divided.mapInArrow(function, _spark_schema(), barrier=True).collect()
            break
        except (*errors_of_spark(), Py4JError) as error:
            reason = reason_of_stage(str(error))
            if NEVER_FITS in str(error):
                raise DistributedError.too_many_tasks(plan.model, count, TASKS) from error
            if attempt == ATTEMPTS:
                raise DistributedError.gave_up(plan.model, ATTEMPTS, reason) from error
    (text,) = [row.model for row in done if row.model is not None]
    instants = Instants.of(Signature.from_row(plan.signature))
    return Fit(
        Booster(read_booster(text), instants, plan.chosen, task),
        tasks=count,
        rows=sum(row.row_count for row in done),
        peak_memory_bytes=max(row.peak_memory_bytes for row in done),
        attempts=attempt,
    )


def _function(plan: Plan, names: list[str]) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def of_a_task(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return run(plan, (batch.rename_columns(names) for batch in batches))

    return of_a_task


def _spark_schema() -> str:
    names = {pa.int32(): "int", pa.int64(): "bigint", pa.string(): "string"}
    return ", ".join(f"{field.name} {names[field.type]}" for field in RESULT)


def reason_of_stage(message: str) -> str:
    r"""Return what ended a stage, from all that Spark says of it: what Python says, or else the innermost of Java.

    Examples
    --------
    >>> reason_of_stage("[X] Aborted.\n  File a.py\nlightgbm.LightGBMError: Socket recv error\n\tat b")
    'lightgbm.LightGBMError: Socket recv error'
    >>> reason_of_stage("Called.\n: org.a.XException: Aborted.\n\tat b\nCaused by: org.a.YException: Crashed\n\tat c")
    'Crashed'
    >>> reason_of_stage("[X] Aborted.\n\tat b")
    '[X] Aborted.'
    """
    python = re.findall(r"^(?!org\.|java\.|scala\.)([\w.]+(?:Error|Exception): .+)$", message, re.MULTILINE)
    java = re.findall(r"(?:org|java|scala)\.[\w.$]+(?:Error|Exception): (.+)$", message, re.MULTILINE)
    return str([*message.splitlines()[:1], *java[-1:], *python[-1:]][-1]).strip() if message else ""
