from collections import Counter

import duckdb
import numpy as np
import pytest

from training.data import prepared_rows
from training.data.dataset import Source
from training.data.prepared_rows import Rows
from training.declared import config as configuration
from training.evaluation import baselines as baselines_module
from training.evaluation.baselines import baselines

CONFIG = {"task": "multiclass", "label": "colour", "key": "id", "split": {"method": "none"}}
ROWS = """
    select id, id % 7 + if(colour = 'rare', 20, 0) as amount, colour
    from (
        select range as id,
            if(range = 333, 'rare', if(range % 2 = 0, 'red', 'blue')) as colour from range(500)
    )
"""


def prepared() -> Rows:
    with duckdb.connect() as connection, Source(connection.sql(ROWS), model_name="m") as source:
        data = source.read(configuration.parse(CONFIG, model_name="m"))
    signature = data.signature()
    return Rows(data, signature, data.matrix(signature, model="m"))


def test_sample_of_the_linear_baseline_loses_no_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines_module, "MOST_ROWS", 50)
    rows = prepared()
    predictions = baselines(rows)
    assert predictions["linear"].shape == predictions["constant"].shape == (500, 3)
    rare = rows.data.classes.index("rare")
    assert predictions["linear"][:, rare].argmax() == np.flatnonzero(rows.data.label == rare)[0]


def test_training_rows_beyond_a_number_are_measured_in_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared_rows, "TRAIN_ROWS", 60)
    monkeypatch.setitem(CONFIG, "split", {"method": "random", "validation": 0.1, "test": 0.2})
    monkeypatch.setitem(CONFIG, "seed", 2)  # which puts the rare class among the training rows
    rows = prepared()
    parts = rows.data.parts
    table = rows.measured_table()
    assert Counter(table.column("__dataset").to_pylist()) == {
        "train": 60,
        "validation": parts["validation"].rows,
        "test": parts["test"].rows,
    }
    labels = np.array(rows.data.classes)[rows.data.label[rows.measured].astype(int)]
    assert table.column("__label").to_pylist() == labels.tolist()
    assert all(len(values) == len(table) for values in baselines(rows).values())
