"""One task of a training in Spark: it takes its rows, and fits the model together with the other tasks."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import lightgbm
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from scoring.signature import Signature
from training.distributed.spool import Spool
from training.errors import DistributedError
from training.estimators.base import Examples, Setting
from training.estimators.lightgbm_booster import boosted, columns_of
from training.export.preprocessing_instants import Instants
from training.version import peak_memory_bytes

if TYPE_CHECKING:
    from pyspark import BarrierTaskContext

LOG = logging.getLogger(__name__)
MINUTES = 10
"""How long a rank waits for the others before it gives up."""
RESULT = pa.schema(
    {"rank": pa.int32(), "row_count": pa.int64(), "peak_memory_bytes": pa.int64(), "model": pa.string()}
)
"""What each rank returns; the model, which is the same in all, comes from the first one."""
_PLACES = re.compile(r"^\[(machines|local_listen_port): .*\]$", re.MULTILINE)


@dataclass(frozen=True)
class Plan:
    """What every rank is given.

    Parameters
    ----------
    model
        The model, for error messages.
    signature
        The features, as a version row has them.
    label
        SQL of DuckDB for the label as a double.
    weight
        The column that weighs the rows; None if there is none.
    class_weights
        The weight of each class, by its code; None where all rows weigh the same.
    chosen, settings
        See `training.estimators.lightgbm_booster.settings_of`.
    validation
        The rows that say when to stop, the same for every rank, so that all stop at once; None for none.
    """

    model: str
    signature: Mapping[str, Any]
    label: str
    weight: str | None
    class_weights: tuple[float, ...] | None
    chosen: Mapping[str, Setting]
    settings: Mapping[str, Any]
    validation: Examples | None


def run(plan: Plan, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Fit a model on the rows of this and all other tasks of the stage; yield one row of `RESULT`.

    Raises
    ------
    training.errors.DistributedError
        If the task has no rows.
    """
    from pyspark import BarrierTaskContext

    # Ports and peers, which it prints whatever its verbosity.
    lightgbm.register_logger(LOG, info_method_name="debug", warning_method_name="debug")
    context = BarrierTaskContext.get()
    rank = context.partitionId()
    signature = Signature.from_row(plan.signature)
    instants = Instants.of(signature)
    with Spool(len(instants.sources)) as rows, duckdb.connect(config={"threads": 1}) as work:
        labels, weights = [], []
        for batch in batches:
            rows.append(instants.expanded(signature.matrix(batch, model=plan.model)))
            label = _labels(work, plan.label, batch)
            labels.append(label.astype(np.float32))  # in which LightGBM keeps them
            if (weight := _weights(plan, batch, label)) is not None:
                weights.append(weight.astype(np.float32))
        rows.done()
        text = _fitted(plan, context, rows, labels, weights, (signature, instants))
        values = [[rank], [len(rows)], [peak_memory_bytes()], [text if rank == 0 else None]]
    yield pa.RecordBatch.from_arrays(
        [pa.array(value, field.type) for value, field in zip(values, RESULT, strict=True)], schema=RESULT
    )


def _labels(work: duckdb.DuckDBPyConnection, label: str, batch: pa.RecordBatch) -> NDArray[np.float64]:
    work.register("batch_of_rows", pa.Table.from_batches([batch]))
    labels = work.execute(f"select {label} as label from batch_of_rows").fetchnumpy()["label"]
    return np.asarray(labels, dtype=np.float64)


def _weights(plan: Plan, batch: pa.RecordBatch, label: NDArray[np.float64]) -> NDArray[np.float64] | None:
    if plan.class_weights is not None:
        return np.asarray(plan.class_weights)[label.astype(np.int64)]
    if plan.weight is None:
        return None
    return np.asarray(pc.cast(batch.column(plan.weight), pa.float64()).to_numpy(zero_copy_only=False))


def _fitted(
    plan: Plan,
    context: BarrierTaskContext,
    rows: Spool,
    labels: list[NDArray[np.float32]],
    weights: list[NDArray[np.float32]],
    columns: tuple[Signature, Instants],
) -> str:
    """Return the text of the model that all ranks fit together."""
    signature, instants = columns
    host = socket.gethostbyname(context.getTaskInfos()[context.partitionId()].address.partition(":")[0])
    with closing(socket.socket()) as kept:
        # Bound until all have one, so that no two ranks of a host are given the same port.
        kept.bind((host, 0))
        port = kept.getsockname()[1]
        machines = context.allGather(f"{host}:{port}" if len(rows) else "")
    if "" in machines:
        raise DistributedError.without_rows(plan.model, machines.count(""), len(machines))
    settings = dict(plan.settings)
    if len(machines) > 1:
        settings |= {
            "machines": ",".join(machines),
            "num_machines": len(machines),
            "local_listen_port": port,
            "time_out": MINUTES,
            "tree_learner": "data",
            "pre_partition": True,
            # Ranks would each bundle by their own rows, and exchange histograms of different columns.
            "enable_bundle": False,
        }
    column_settings = columns_of(signature, instants)
    training_set = lightgbm.Dataset(
        rows,
        np.concatenate(labels),
        weight=np.concatenate(weights) if weights else None,
        **column_settings,
        params=settings,
    )
    labels.clear()
    weights.clear()
    validation = []
    if plan.validation is not None:
        validation.append(
            lightgbm.Dataset(
                instants.expanded(plan.validation.features),
                plan.validation.label,
                weight=plan.validation.weight,
                reference=training_set,
                **column_settings,
                params=settings,
            )
        )
    booster = boosted(plan.chosen, settings, training_set, validation)
    try:
        return _PLACES.sub(_without_place, str(booster.model_to_string()))
    finally:
        booster.free_network()


def _without_place(line: re.Match[str]) -> str:
    """Return a setting of the model's text as it is without a network: ports differ from run to run."""
    return "[machines: ]" if line[1] == "machines" else "[local_listen_port: 12400]"
