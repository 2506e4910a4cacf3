"""Rows that LightGBM reads from a file."""

from __future__ import annotations

import os
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from training.distributed.spool import ROWS_PER_BATCH, Spool

CHANCE = np.random.default_rng(1)
ROWS = CHANCE.normal(size=(2 * ROWS_PER_BATCH + 5, 3))
ROWS[::7, 1] = np.nan


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Spool:
    monkeypatch.setenv("SPARK_LOCAL_DIRS", f"{tmp_path},/nowhere")
    spool = Spool(3)
    for start in range(0, len(ROWS), 1000):
        spool.append(ROWS[start : start + 1000])
    spool.done()
    return spool


def test_rows_come_back_as_they_were(spool: Spool, tmp_path: Path) -> None:
    with spool:
        assert len(spool) == len(ROWS)
        np.testing.assert_array_equal(spool[0 : len(ROWS)], ROWS)
        np.testing.assert_array_equal(spool[len(ROWS) - 1], ROWS[-1])
        np.testing.assert_array_equal(spool[[7, 3]], ROWS[[7, 3]])
        assert os.listdir(tmp_path) == []  # a task that is killed leaves none behind


def test_a_model_is_the_same_as_on_a_matrix(spool: Spool) -> None:
    label = (ROWS[:, 0] + CHANCE.normal(size=len(ROWS)) > 0).astype(np.float32)
    settings = {
        "objective": "binary",
        "verbosity": -1,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
    }
    with spool:
        models = [
            lightgbm.train(settings, lightgbm.Dataset(rows, label, params=settings), num_boost_round=5)
            for rows in (spool, ROWS)
        ]
    one, other = (model.model_to_string() for model in models)
    assert one == other
