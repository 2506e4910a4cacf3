"""The rows of a training query in Spark, kept there while a model is trained: `training.distributed.whole.Whole`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import duckdb
import pyarrow as pa

from scoring.spark.tables import arrow_of
from training.data.labels import code
from training.data.prepared_rows import Rows
from training.data.split import PARTS, Part
from training.data.split import rank as rank_on_duckdb
from training.declared.spec import ModelSpec
from training.distributed.broken import broken_rows
from training.distributed.parts import Cuts, rank
from training.distributed.sample import SHARES, share, some, with_all_values
from training.distributed.whole import PartFacts
from training.errors import DistributedError
from training.sql import quoted

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from scoring.signature import Signature
    from training.distributed.fit import Fit
    from training.estimators.base import Fitted

VALUES = {"train": 10_000_000, "validation": 20_000_000, "test": 20_000_000}
"""How many values, rows times columns, are fetched of each part of the split."""


class RowsInSpark:
    """The rows of a training query, evaluated once and kept on the disks of the executors until `close`.

    Parameters
    ----------
    spark
        The session.
    frame
        The training query.
    model
        The model, for error messages.
    """

    def __init__(self, spark: SparkSession, frame: DataFrame, *, model: str) -> None:
        from pyspark.storagelevel import StorageLevel

        self._spark, self._model = spark, model
        # Instants are without a zone in Arrow batches too, as the driver sees them.
        kinds = dict(frame.dtypes)
        columns = [
            f"cast({quoted(name)} as timestamp_ntz) as {quoted(name)}"
            if kind == "timestamp"
            else quoted(name)
            for name, kind in kinds.items()
        ]
        self.frame = frame.selectExpr(*columns).persist(StorageLevel.DISK_ONLY)
        self._columns = list(kinds)
        self._view = f"warehouse_ml_{uuid4().hex}"
        self.frame.createOrReplaceTempView(self._view)
        self._cuts: Cuts | None = None
        self._facts: dict[str, PartFacts] = {}
        self._fetched: dict[str, int] = {}
        self._done: Fit | None = None

    def close(self) -> None:
        """Let the rows go."""
        self._spark.catalog.dropTempView(self._view)
        self.frame.unpersist()

    def empty(self) -> pa.Table:
        """Return no rows, with the columns and types of all."""
        return arrow_of(self.frame.limit(0))

    def count(self) -> int:
        """Return the number of rows."""
        return int(self.frame.count())

    def fingerprint(self) -> str:
        """Return what identifies all rows, whatever their order: another one than that of the same rows on DuckDB."""
        return self._fingerprint(f"from {quoted(self._view)}")

    def count_later(self, time: str | None, latest: datetime | None) -> int:
        """Return how many rows are later than an instant; all rows where one of both is None."""
        if time is None or latest is None:
            return self.count()
        condition = f"cast({quoted(time)} as timestamp_ntz) > timestamp_ntz '{latest}'"
        return int(self.frame.filter(condition).count())

    def fetch(self, spec: ModelSpec, features: Mapping[str, str]) -> pa.Table:
        """Return the rows that training works on; see `training.distributed.whole.Whole.fetch`."""
        if (broken := broken_rows(self._spark, self._view, spec, dict(self.frame.dtypes))) is not None:
            return broken
        if spec.split.method == "sequential":
            self._cuts = Cuts.of(self._spark, self._view, spec)
        self._rank = rank(spec, self._cuts)
        self._look(spec)
        fetched = {
            part: self._sample(spec, part, VALUES[part] // len(self._columns))
            for part in PARTS
            if part in self._facts
        }
        if "train" in fetched:
            named = [name for name in features if dict(self.frame.dtypes)[name] == "string"]
            if spec.task != "regression" and spec.label:
                named.append(spec.label)
            if len(fetched["train"]) < self._facts["train"].rows:
                condition = f"from {quoted(self._view)} where {self._rank} = 0"
                fetched["train"] = with_all_values(self._spark, condition, fetched["train"], spec.key, named)
        self._fetched = {part: len(rows) for part, rows in fetched.items()}
        return pa.concat_tables(fetched.values()) if fetched else self.empty()

    def rank(self, spec: ModelSpec) -> str:
        """Return SQL of DuckDB for the position of a fetched row's part."""
        if self._cuts is None:
            return rank_on_duckdb(spec)
        return self._cuts.rank(f"epoch_us({quoted(str(spec.time))}::timestamp)")

    def check(self, parts: Mapping[str, Part]) -> None:
        """Check that the fetched rows are in the parts that they were fetched from.

        Raises
        ------
        training.errors.DistributedError
            If they are not.
        """
        divided = {name: part.rows for name, part in parts.items() if part.rows}
        if divided != self._fetched:
            raise DistributedError.other_parts(self._model, self._key, self._fetched, divided)

    def facts(self, part: str) -> PartFacts:
        """Return what is known of all rows of a part."""
        return self._facts[part]

    def class_counts(self, spec: ModelSpec, kind: str, classes: tuple[str, ...]) -> Sequence[int]:
        """Return the number of training rows of each class, by code."""
        label = quoted(str(spec.label))
        counted = arrow_of(
            self._spark.sql(
                f"select {label}, count(*) as __count from {quoted(self._view)} where {self._rank} = 0 group by {label}"
            )
        )
        with duckdb.connect() as work:
            work.register("counted", counted)
            rows = work.execute(
                f"select {code(spec, kind, classes)}::integer as code, sum(__count)::bigint from counted group by code"
            ).fetchall()
        counts = dict(rows)
        return [counts.get(number, 0) for number in range(len(classes))]

    def fit(self, rows: Rows) -> Fitted:
        """Return a model fitted on all training rows."""
        # LightGBM takes longer to import than an unchanged model takes to be recognized.
        from training.distributed.fit import fit, tasks
        from training.distributed.rank import Plan
        from training.estimators.lightgbm_booster import settings_of

        data, spec = rows.data, rows.data.spec
        request = rows.request(spec.params)
        count = tasks(self._spark, self._facts["train"].rows, model=self._model)
        threads = int(self._spark.conf.get("spark.task.cpus", "1") or 1)
        weights = rows.class_weights()
        chosen, settings = settings_of(replace(request, threads=threads), rows=self._facts["train"].rows)
        plan = Plan(
            model=self._model,
            signature=rows.signature.to_row(),
            label=code(spec, data.label_type, data.classes),
            weight=spec.weight,
            class_weights=None if weights is None else tuple(weights.tolist()),
            chosen=chosen,
            settings=settings,
            validation=None if request.validation is None else some(request.validation),
        )
        used = dict.fromkeys(
            [spec.key, *(feature.name for feature in rows.signature.features)]
            + [name for name in (spec.label, spec.weight) if name is not None]
        )
        frame = self.frame.filter(f"{self._rank} = 0").selectExpr(*map(quoted, used))
        self._done = fit(frame, plan, key=spec.key, count=count, task=spec.task)
        return self._done.booster

    def snapshot(self, of_sample: Mapping[str, Any], signature: Signature) -> dict[str, Any]:
        """Return the training snapshot of all training rows."""
        train = self._facts["train"]
        condition = f"from {quoted(self._view)} where {self._rank} = 0"
        return {
            **of_sample,
            "rows": train.rows,
            "fingerprint": self._fingerprint(condition),
            "cutoff": train.ends_at,
        }

    def notices(self) -> list[str]:
        """Return what a version must say of how it was trained and measured."""
        said = []
        if self._done is not None:
            done = self._done
            tasks = "1 task" if done.tasks == 1 else f"{done.tasks} tasks"
            again = f", at the attempt {done.attempts}" if done.attempts > 1 else ""
            said.append(
                f"it was trained in {tasks} of Spark on {done.rows:,} rows{again}; the largest one held "
                f"{done.peak_memory_bytes / 1e9:.2f} GB."
            )
        sampled = [
            f"{self._fetched[part]:,} of {facts.rows:,} rows of {part}"
            for part, facts in self._facts.items()
            if self._fetched[part] < facts.rows
        ]
        if sampled:
            said.append(
                f"metrics, baselines and the reference profile are of {', '.join(sampled)}, a sample."
            )
        return said

    def _look(self, spec: ModelSpec) -> None:
        """Count the rows of each part, and find the limits of their time."""
        self._key = spec.key
        limits = "null, null"
        if spec.time:
            time = f"cast({quoted(spec.time)} as timestamp_ntz)"
            limits = f"min({time}), max({time})"
        rows = self._spark.sql(
            f"select {self._rank} as part, count(*), {limits} from {quoted(self._view)} group by 1 order by 1"
        ).collect()
        self._facts = {PARTS[part]: PartFacts(*facts) for part, *facts in rows}

    def _sample(self, spec: ModelSpec, part: str, most: int) -> pa.Table:
        """Return about so many rows of a part, all of them if they are no more: those with the lowest hashes."""
        condition = f"{self._rank} = {PARTS.index(part)}"
        if self._facts[part].rows > most:
            condition += f" and {share(spec.key)} < {int(SHARES * most / self._facts[part].rows)}"
        return arrow_of(self.frame.filter(condition))

    def _fingerprint(self, rows: str) -> str:
        kinds = dict(self.frame.dtypes)
        hashed = ", ".join(quoted(name) for name, kind in kinds.items() if "map<" not in kind)
        totals = self._spark.sql(
            "select count(*), coalesce(sum(cast(row_hash as decimal(38, 0))), 0), coalesce(bit_xor(row_hash), 0) "
            f"from (select xxhash64({hashed}) as row_hash {rows})"
        ).collect()[0]
        schema = [f"{name!r} {kind}" for name, kind in kinds.items()]
        return sha256("\n".join(["spark", *schema, *map(str, totals)]).encode()).hexdigest()
