"""The messages that the run history keeps say what went wrong, and no value of the data."""

from __future__ import annotations

import pytest

from scoring.runs.messages import first_sentence

HEADER = "Runtime Error in model orders (models/orders.sql)\n  "


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        (None, None),
        ("", None),
        (
            f"{HEADER}Conversion Error: Could not convert string 'Ann O'Hara' to INT32\n\nLINE 1: select 'x'",
            "Conversion Error: Could not convert string …",
        ),
        (
            f"{HEADER}Conversion Error: Type INT64 with value 4711 can't be cast",
            "Conversion Error: Type INT …",
        ),
        (
            f'{HEADER}Constraint Error: Duplicate key "id: 5" violates a key',
            "Constraint Error: Duplicate key …",
        ),
        (
            f"{HEADER}Out of Range Error: Overflow in multiplication of INT32 (999 * 2)!",
            "Out of Range Error: Overflow in multiplication of INT …",
        ),
        (f"{HEADER}Invalid Input Error: Ann has no address", "Invalid Input Error"),
        (f"{HEADER}Python Error: ValueError: bad customer Ann", "Python Error"),
        (f"{HEADER}ValueError: bad customer Ann", "ValueError"),
        (f"{HEADER}customer Ann is unknown", "Error"),
        (
            f'{HEADER}Binder Error: Referenced column "amout" not found in FROM clause! Candidate: "amount"',
            'Binder Error: Referenced column "amout" not found in FROM clause!',
        ),
        (f'{HEADER}Parser Error: syntax error at or near "Ann"', "Parser Error: syntax error at or near …"),
        (
            "Compilation Error in model orders (models/orders.sql)\n  The file lacks a column. Restore it.",
            "The file lacks a column.",
        ),
        (f"{HEADER}Out of Memory Error: failed to allocate data of size 2.0 GiB", "Out of Memory Error"),
    ],
)
def test_first_sentence(message: str | None, kept: str | None) -> None:
    assert first_sentence(message) == kept


def test_counts_of_a_failed_test_are_kept() -> None:
    text = "Got 3 results, configured to fail if != 0"
    assert first_sentence(text, is_compilation=True) == text
