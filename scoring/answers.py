"""What a SQL function answers to a vector of rows, each with the model that it is asked of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from scoring.errors import ModelReferenceError, RowError, WarehouseMLError
from scoring.scorer import Scorer

Mask = NDArray[np.bool_]
Answer = Callable[..., pa.Array]
"""Takes a scorer, an Arrow struct array of rows and any further arguments; gives a value for each row."""


@dataclass(frozen=True)
class Answers:
    """Values for some rows of a vector and sentences for others; a row that is in no mask is null.

    Parameters
    ----------
    rows
        How many rows the vector has.
    parts
        Masks of shape ``(rows,)`` and the values of their rows; None stands for all rows.
    problems
        Masks of rows, and why they have no value.
    """

    rows: int
    parts: list[tuple[Mask | None, pa.Array]]
    problems: list[tuple[Mask | None, str]]

    def values(self, kind: pa.DataType) -> pa.Array:
        """Return the value of every row."""
        if len(self.parts) == 1 and self.parts[0][0] is None:
            return self.parts[0][1]
        source = np.full(self.rows, -1)
        before = 0
        for where, values in self.parts:
            source[... if where is None else where] = before + np.arange(len(values))
            before += len(values)
        values = pa.concat_arrays([pa.array([], kind), *(values for _, values in self.parts)])
        return values.take(pa.array(source, mask=source < 0))

    def texts(self) -> pa.Array:
        """Return for every row why it has no value, null where it has one or is to have none."""
        texts = np.full(self.rows, None, dtype=object)
        for where, text in self.problems:
            texts[... if where is None else where] = text
        return pa.array(texts, pa.string())


def answers(
    answer: Answer,
    scorer_of: Callable[[str], Scorer],
    model: pa.ChunkedArray,
    rows: pa.ChunkedArray,
    *others: pa.ChunkedArray,
) -> Answers:
    """Return what a function answers; nothing where the model or the row is null.

    Parameters
    ----------
    answer
        Computes the values.
    scorer_of
        Finds the scorer that a model reference means.
    model
        The reference for each row.
    rows, others
        What the function takes after it, as many each.
    """
    parts: list[tuple[Mask | None, pa.Array]] = []
    problems: list[tuple[Mask | None, str]] = []
    columns = [
        argument.chunk(0) if argument.num_chunks == 1 else argument.combine_chunks()
        for argument in (rows, *others)
    ]
    for reference, wanted in _groups(model, rows):
        chosen = columns if wanted is None else [part.filter(pa.array(wanted)) for part in columns]
        try:
            if not isinstance(reference, str):
                raise ModelReferenceError.not_text(model.type)
            if not pa.types.is_struct(rows.type):
                raise RowError.not_a_struct(reference, rows.type)
            parts.append((wanted, answer(scorer_of(reference), *chosen)))
        except WarehouseMLError as error:
            problems.append((wanted, str(error)))
    return Answers(len(rows), parts, problems)


def _groups(model: pa.ChunkedArray, rows: pa.ChunkedArray) -> list[tuple[object, Mask | None]]:
    """Return each model and the rows it is asked about; None stands for all rows, as is nearly always so."""
    references = model.unique().drop_null().to_pylist()
    if len(references) == 1 and model.null_count == 0 and rows.null_count == 0:
        return [(references[0], None)]
    has_row = rows.is_valid().to_numpy()
    groups: list[tuple[object, Mask | None]] = []
    for reference in references:
        wanted = has_row & pc.equal(model, reference).fill_null(False).to_numpy()
        if wanted.any():
            groups.append((reference, wanted))
    return groups
