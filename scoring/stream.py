"""Scores of any number of rows in bounded memory: batches from DuckDB, through a scorer, back to Arrow.

Batches are scored by as many threads as there are cores, each of which has one batch at a time, and leave in
the order in which they came. No more batches are held than twice the threads.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event

import duckdb
import pyarrow as pa

from scoring.errors import StreamError
from scoring.registry import Reference
from scoring.scorer import Scorer

ROWS_PER_BATCH = 16_384
SCORED_ROWS = "scored_rows"
OUTPUTS: Mapping[str, tuple[pa.DataType, Callable[[Scorer, pa.StructArray], pa.Array]]] = {
    "prediction": (pa.float64(), Scorer.predict),
    "predicted_class": (pa.string(), Scorer.predict_class),
    "probabilities": (pa.map_(pa.string(), pa.float64()), Scorer.predict_proba),
}
"""By the name of the column that is added, its type and what computes it."""

STAMPS: Mapping[str, pa.DataType] = {"model_version": pa.int32(), "scored_at": pa.timestamp("us")}
"""What says of each row which version scored it, and when scoring began, in UTC."""


class ReadError(duckdb.Error):
    """What DuckDB says while it reads rows to score, told apart from what it says while it writes."""


@contextmanager
def reading() -> Iterator[None]:
    """Raise what DuckDB says as `ReadError`; from a stream it arrives as an error of the system."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise ReadError(str(error)) from error


def score(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    scorer: Scorer,
    *,
    outputs: Sequence[str] | None = None,
    keep: Sequence[str] | Mapping[str, str] | None = None,
    workers: int | None = None,
    report: Callable[[int], None] | None = None,
) -> pa.RecordBatchReader:
    """Return the rows of a query with their scores, read and scored while the result is consumed.

    Parameters
    ----------
    connection
        Runs the query, and nothing else until the result has been consumed.
    query
        Gives the columns of the scorer's signature, and any others.
    scorer
        The version.
    outputs
        Which of `OUTPUTS` to add, in order; without it, the prediction, or the class if the task is
        multiclass. After them come `STAMPS`.
    keep
        The columns of the query to return, in any case of letters; a mapping names them anew. Without it all
        of them.
    workers
        How many threads score; without it as many as there are cores.
    report
        Called with the number of rows of each batch that leaves.

    Raises
    ------
    scoring.errors.RowError
        If the columns are not those of the signature; while the result is consumed, if values break a rule.
    scoring.errors.TaskError
        If an output does not exist for the task.
    scoring.errors.StreamError
        If columns to keep do not exist, or columns to be added do.
    ReadError
        If the query fails, now or while the result is consumed.
    """
    with reading():
        columns_read = connection.execute(f"select * from ({query}) limit 0").to_arrow_table().schema
    default = "predicted_class" if scorer.task == "multiclass" else "prediction"
    chosen = list(dict.fromkeys(outputs or [default]))
    kept = kept_columns(columns_read.names, keep)
    if taken := [name for name in kept if name.lower() in [*chosen, *STAMPS]]:
        raise StreamError.columns_taken(taken)
    schema = pa.schema(
        [
            *(columns_read.field(column).with_name(name) for name, column in kept.items()),
            *(pa.field(name, OUTPUTS[name][0]) for name in chosen),
            *(pa.field(name, kind) for name, kind in STAMPS.items()),
        ]
    )
    stamps = (Reference.parse(scorer.name).selector, datetime.now(UTC).replace(tzinfo=None))
    scalars = [pa.scalar(stamp, kind) for stamp, kind in zip(stamps, STAMPS.values(), strict=True)]

    def scored(batch: pa.RecordBatch) -> pa.RecordBatch:
        structs = batch.to_struct_array()
        columns = [batch.column(column) for column in kept.values()]
        columns += [OUTPUTS[name][1](scorer, structs) for name in chosen]
        columns += [pa.repeat(scalar, batch.num_rows) for scalar in scalars]
        return pa.RecordBatch.from_arrays(columns, schema=schema)

    nothing = [pa.nulls(0, kind) for kind in columns_read.types]
    scored(pa.RecordBatch.from_arrays(nothing, schema=columns_read))  # finds wrong columns before any row
    batches = in_order(scored, _read(connection, query), workers or os.cpu_count() or 1)
    return pa.RecordBatchReader.from_batches(schema, _reported(batches, report))


def write(connection: duckdb.DuckDBPyConnection, statement: str, rows: pa.RecordBatchReader) -> int:
    """Run a statement that reads the rows as `SCORED_ROWS`; what goes wrong in them is raised as it is.

    DuckDB would wrap it in words of its own.

    Parameters
    ----------
    connection
        Another one than that which the rows come from.
    statement
        Reads `SCORED_ROWS` once.
    rows
        As `score` gives them.

    Returns
    -------
    int
        The number that the statement answers: how many rows it wrote.
    """
    failures: list[Exception] = []
    stopped = Event()

    def watched() -> Generator[pa.RecordBatch, None, None]:
        try:
            for batch in rows:
                if stopped.is_set():
                    raise InterruptedError("the writing was interrupted")
                yield batch
        except Exception as error:
            failures.append(error)
            raise

    source = watched()
    connection.register(SCORED_ROWS, pa.RecordBatchReader.from_batches(rows.schema, source))
    try:
        # DuckDB would take note of an interrupt only when the rows have come to an end.
        with ThreadPoolExecutor(1, "writing") as pool:
            writing = pool.submit(lambda: connection.execute(statement).fetchall())
            try:
                ((written,),) = writing.result()
            except BaseException:
                stopped.set()
                raise
            finally:
                del writing
    except duckdb.Error:
        if failures:
            raise failures[0] from None
        raise
    finally:
        connection.unregister(SCORED_ROWS)
        # DuckDB keeps a source that it did not read to its end, and could not open the file again while that,
        # or an error in a cycle of references, keeps the query behind it open.
        source.close()
        failures.clear()
    return int(written)


def kept_columns(names: Sequence[str], keep: Sequence[str] | Mapping[str, str] | None) -> dict[str, str]:
    """Return the columns to keep by the names that they have in the result.

    Names are matched as DuckDB does, without regard to case, and come back as the rows spell them.

    Raises
    ------
    scoring.errors.StreamError
        If the rows do not have a column.
    """
    if isinstance(keep, Mapping):
        return dict(keep)
    spelled = {name.lower(): name for name in names} | {name: name for name in names}
    wanted = names if keep is None else keep
    if unknown := [name for name in wanted if name not in spelled and name.lower() not in spelled]:
        raise StreamError.no_such_columns(unknown, list(names))
    kept = [spelled.get(name, spelled.get(name.lower(), name)) for name in wanted]
    return {name: name for name in kept}


def _read(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a query, which runs from the first to the last of them or to the closing."""
    with reading():
        rows = connection.execute(query).to_arrow_reader(ROWS_PER_BATCH)
        try:
            yield from rows
        finally:
            rows.close()


def in_order(
    scored: Callable[[pa.RecordBatch], pa.RecordBatch], batches: Iterator[pa.RecordBatch], workers: int
) -> Iterator[pa.RecordBatch]:
    """Yield each batch scored; batches after it are scored meanwhile."""
    under_way: deque[Future[pa.RecordBatch]] = deque()
    with ThreadPoolExecutor(workers, "scoring") as pool:
        try:
            for batch in batches:
                under_way.append(pool.submit(scored, batch))
                if len(under_way) == 2 * workers:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()


def _reported(
    batches: Iterator[pa.RecordBatch], report: Callable[[int], None] | None
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        if report is not None:
            report(batch.num_rows)
        yield batch
