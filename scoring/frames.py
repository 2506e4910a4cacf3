"""Frames of any library, in and out: Arrow record batches to score, and results of the frame's own kind.

Libraries are recognized by what they have loaded, so that none of them is imported here or required.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from scoring.errors import FrameError
from scoring.signature import Signature
from scoring.stream import ROWS_PER_BATCH

Batches = Iterator[pa.RecordBatch]
STREAM, ARRAY = "__arrow_c_stream__", "__arrow_c_array__"
"""The methods of Arrow's PyCapsule interface: https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html"""


def is_of(frame: object, library: str, kind: str = "DataFrame") -> bool:
    """Return whether a value is of a class of a library, which is not imported for it."""
    module = sys.modules.get(library)
    return module is not None and isinstance(frame, getattr(module, kind))


def reader_of(frame: Any, signature: Signature, *, model: str) -> pa.RecordBatchReader:
    """Return the features of a frame as Arrow batches; columns that are no features are not converted.

    Raises
    ------
    scoring.errors.RowError
        If columns of the signature are missing.
    scoring.errors.FrameError
        If the value is no frame, or Arrow has no type for a column.
    """
    try:
        if is_of(frame, "pandas"):
            positions = signature.positions([str(name) for name in frame.columns], model)
            # The index is no column.
            return pa.Table.from_pandas(frame.iloc[:, positions], preserve_index=False).to_reader()
        if is_of(frame, "polars"):
            names = [frame.columns[position] for position in signature.positions(frame.columns, model)]
            return pa.RecordBatchReader.from_stream(frame.select(names))
        if hasattr(frame, STREAM):
            return pa.RecordBatchReader.from_stream(frame)
        if hasattr(frame, ARRAY):
            return pa.Table.from_batches([pa.record_batch(frame)]).to_reader()
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise FrameError.unreadable(model, str(error).splitlines()[0]) from error
    raise FrameError.not_a_frame(model, f"{type(frame).__module__}.{type(frame).__qualname__}")


def batches_of(reader: pa.RecordBatchReader) -> Batches:
    """Yield the rows in batches of at most `ROWS_PER_BATCH`, so that the matrix of a batch is small."""
    for batch in reader:
        for start in range(0, batch.num_rows, ROWS_PER_BATCH):
            yield batch.slice(start, ROWS_PER_BATCH)


def like(frame: Any, results: pa.RecordBatchReader, *, is_table: bool) -> Any:
    """Return results, one for each row, as the library of the frame has them.

    Parameters
    ----------
    frame
        What the rows came in. pandas keeps its index; a reader gives a reader, whose rows are scored as they are read.
    results
        One column or several.
    is_table
        Whether to return all columns, as a frame, or the only one, as a series or array.
    """
    if isinstance(frame, pa.RecordBatchReader):
        return results
    table = results.read_all()
    for library, convert in CONVERTED.items():
        if is_of(frame, library):
            return convert(frame, table, is_table)
    if isinstance(frame, pa.RecordBatch):
        (batch,) = table.combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], table.schema)]
        return batch if is_table else batch.column(0)
    return table if is_table else table.column(0)


def _pandas(frame: Any, table: pa.Table, is_table: bool) -> Any:
    made = table.to_pandas()
    made.index = frame.index
    return made if is_table else made[table.column_names[0]]


def _polars(frame: Any, table: pa.Table, is_table: bool) -> Any:
    made = sys.modules["polars"].from_arrow(table)
    return made if is_table else made.to_series(0)


CONVERTED: dict[str, Callable[[Any, pa.Table, bool], Any]] = {"pandas": _pandas, "polars": _polars}
