import duckdb
import numpy as np
import pytest

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


def test_sample_of_the_linear_baseline_loses_no_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines_module, "MOST_ROWS", 50)
    with duckdb.connect() as connection, Source(connection.sql(ROWS), model_name="m") as source:
        data = source.read(configuration.parse(CONFIG, model_name="m"))
    signature = data.signature()
    predictions = baselines(Rows(data, signature, data.matrix(signature, model="m")))
    assert predictions["linear"].shape == predictions["constant"].shape == (500, 3)
    assert predictions["linear"][:, data.classes.index("rare")].argmax() == np.flatnonzero(data.label == 1)[0]
