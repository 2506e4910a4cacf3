from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest

from scoring.errors import RowError
from scoring.registry import VERSION_SCHEMA
from scoring.signature import Feature, Output, Signature

SIGNATURE = Signature((Feature.number("amount"), Feature.category("region", ("east", "west"))))


def rows(**columns: list[object]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(columns)


def test_columns_are_matched_by_name_and_others_ignored() -> None:
    matrix = SIGNATURE.matrix(rows(other=["x"], region=["west"], amount=[2]), model="m")
    assert matrix.tolist() == [[2.0, 1.0]]
    assert matrix.flags.c_contiguous


def test_null_and_unseen_are_missing() -> None:
    matrix = SIGNATURE.matrix(rows(amount=[None, 1.0], region=[None, "north"]), model="m")
    np.testing.assert_array_equal(matrix, [[np.nan, np.nan], [1.0, np.nan]])
    assert [(feature.nulls, feature.unseen) for feature in SIGNATURE.features] == [
        ("missing", None),
        ("missing", "missing"),
    ]


def test_case_does_not_matter_unless_two_columns_differ_in_nothing_else() -> None:
    assert SIGNATURE.matrix(rows(AMOUNT=[1], Region=["east"]), model="m").tolist() == [[1.0, 0.0]]
    both = rows(AMOUNT=[1], amount=[2], region=["east"])
    assert SIGNATURE.matrix(both, model="m").tolist() == [[2.0, 0.0]]
    with pytest.raises(RowError, match=r"which column is the feature 'amount'.*'AMOUNT', 'Amount'; rename"):
        SIGNATURE.matrix(rows(AMOUNT=[1], Amount=[2], region=["east"]), model="m")


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        (
            rows(region=["east"], amont=[1]),
            r"'m' needs the column 'amount'.*has 'region', 'amont'.*Did you mean 'amont'",
        ),
        (rows(x=[1]), r"needs the columns 'amount', 'region'.*but the row has 'x'"),
        (
            rows(amount=["1"], region=["east"]),
            r"a number or boolean in column 'amount'.*type is string; cast it to double",
        ),
        (
            rows(amount=[1], region=[7]),
            r"text in column 'region'.*trained as a category.*int64; cast it to varchar",
        ),
        (rows(amount=[b"1"], region=["east"]), r"column 'amount'.*type is binary"),
        (
            rows(amount=[datetime(2024, 1, 1)], region=["east"]),
            r"column 'amount'.*trained as a number, .*timestamp",
        ),
    ],
)
def test_rows_that_do_not_fit_are_refused(batch: pa.RecordBatch, message: str) -> None:
    with pytest.raises(RowError, match=message):
        SIGNATURE.matrix(batch, model="m")


def test_instants_become_seconds_and_nothing_else_fits() -> None:
    signature = Signature((Feature.instant("at"),))
    assert signature.matrix(rows(at=[datetime(1970, 1, 2), None]), model="m")[0].tolist() == [86_400.0]
    with pytest.raises(
        RowError, match=r"a date or timestamp in column 'at'.*trained as an instant, .*cast it to timestamp"
    ):
        signature.matrix(rows(at=["1970-01-02"]), model="m")


@pytest.mark.parametrize(
    "signature",
    [
        SIGNATURE,
        Signature((Feature.instant("at"),), (Output("probabilities"),), classes=("no", "yes")),
        Signature((Feature.number("x"),), threshold=0.5),
    ],
)
def test_signature_survives_the_version_row(signature: Signature) -> None:
    stored = pa.array([signature.to_row()], VERSION_SCHEMA.field("signature").type)
    assert Signature.from_row(stored[0].as_py()) == signature
