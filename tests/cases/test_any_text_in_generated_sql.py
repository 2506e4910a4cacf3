"""A category may be any text: the SQL form of a model that learned it scores as the model does."""

from __future__ import annotations

import pyarrow as pa
from made_versions import add

import scoring
from scoring.sql_forms import expressions
from training import train

TEXTS = [
    "plain",
    "a\0b",
    "\0",
    "it's",
    "''",
    '"quoted"',
    "back\\slash\\",
    "two\nlines\r\n",
    "-- comment",
    "/* open",
    "$$;drop table x;",
    "{{ jinja }} %s {0}",
    "",
    " ",
    "Größe 🌧 \u200b\ufeff\u202e",
    "long " * 20_000,
]
BLOCK = {
    "task": "regression",
    "label": "y",
    "key": "id",
    "split": {"method": "random", "test": 0.2},
    "params": {"num_iterations": 10, "num_leaves": 8, "min_data_in_leaf": 2, "min_data_per_group": 1},
}


def test_the_sql_form_scores_rows_with_any_text_as_the_model_does() -> None:
    count = 20 * len(TEXTS)
    places = [n * 7919 % len(TEXTS) for n in range(count)]
    labels = [n * n % 11 / 2 for n in places]
    rows = pa.table({"id": range(count), "word": [TEXTS[n] for n in places], "y": labels})
    with scoring.connect() as warehouse:
        warehouse.register("rows", rows)
        add(warehouse, train(warehouse.table("rows"), model_name="words", config=BLOCK))
        ((form,),) = warehouse.sql("select sql_form from ml.words").fetchall()
        for name, expression in expressions("words", form).items():
            warehouse.execute(f"create macro ml.{name}(r) as {expression}")
        scores = warehouse.sql("select ml_predict('words@1', r), ml.words_sql(r) from rows as r").fetchall()
    assert len({score for score, _ in scores}) > 5
    assert all(in_sql == score for score, in_sql in scores)
