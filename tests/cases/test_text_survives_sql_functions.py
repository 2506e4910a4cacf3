"""Text, maps and numbers leave and reach the SQL functions as they are, whatever SQL stands around a call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import made_versions
import pytest

import scoring
from training.train import train

LATE, EARLY, ON_TIME, OTHER = "arrived much too late", "arrived ahead of plan", "ok", "not late, all told"
LATE_OR_NOT = f"if(outcome = '{LATE}', outcome, '{OTHER}')"
THRESHOLD = "(select signature.threshold from ml.anomaly)"
REGIONS = "['the north of the country', 'the south of the country', 'sea', null]"
ROWS = f"""
    select
        range as id,
        range % 10 as a_feature_with_a_long_name,
        {REGIONS}[1 + (range // 10) % 4] as region,
        case when range % 10 < 4 then '{LATE}' when range % 10 < 7 then '{EARLY}' else '{ON_TIME}' end
            as outcome
    from range(5000)
"""
BLOCK = {
    "key": "id",
    "split": {"method": "random", "validation": 0.1, "test": 0.2},
}
SMALL = {"params": {"num_iterations": 10, "min_data_in_leaf": 5, "learning_rate": 0.5}}
MODELS: dict[str, dict[str, Any]] = {
    "binary": {"task": "binary", "label": "outcome", "positive": LATE, **SMALL},
    "multiclass": {"task": "multiclass", "label": "outcome", **SMALL},
    "clustering": {"task": "clustering", "params": {"clusters": 3}},
    "anomaly": {"task": "anomaly", "params": {"n_estimators": 10}},
}


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """A model of each task, trained and so compared with its trainer, text included; two threads."""
    with scoring.connect() as connection:
        connection.execute(f"set threads = 2; create table rows as {ROWS}")
        for name, block in MODELS.items():
            query = "select * exclude (outcome) from rows"
            if name == "binary":
                query = f"select * replace ({LATE_OR_NOT} as outcome) from rows"
            elif "label" in block:
                query = "from rows"
            row = train(connection.sql(query), model_name=name, config={**BLOCK, **block})
            made_versions.add(connection, row)
        yield connection


CLASS, PROBA = "ml_predict_class('multiclass@1', r)", "ml_predict_proba('multiclass@1', r)"
EXPLAIN = "ml_explain('multiclass@1', r, 1)"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (CLASS, "outcome"),
        (f"coalesce({CLASS}, 'none')", "outcome"),
        (f"ifnull({CLASS}, 'none')", "outcome"),
        (f"coalesce(null, {CLASS})", "outcome"),
        (f"coalesce(nullif({CLASS}, '{ON_TIME}'), {CLASS})", "outcome"),
        (
            f"case when id % 3 = 0 then {CLASS} else upper({CLASS}) end",
            "if(id % 3 = 0, outcome, upper(outcome))",
        ),
        (f"coalesce({{'class': {CLASS}}}, null)", "{'class': outcome}"),
        (f"coalesce([{CLASS}], null)", "[outcome]"),
        ("ml_predict_class('multiclass@1', if(id % 3 = 0, null, r))", "if(id % 3 = 0, null, outcome)"),
        ("ml_predict_class(if(id % 3 = 0, null, 'multiclass@1'), r)", "if(id % 3 = 0, null, outcome)"),
        (f"coalesce(map_keys({PROBA}), null)", f"['{EARLY}', '{LATE}', '{ON_TIME}']"),
        (f"coalesce(map_keys({PROBA})[1], 'none')", f"'{EARLY}'"),
        (f"coalesce({PROBA}['{LATE}'] > 0.5, false)", f"outcome = '{LATE}'"),
        (f"coalesce(map_keys({EXPLAIN})[1], 'none')", "'a_feature_with_a_long_name'"),
        (
            "coalesce(ml_predict_class('binary@1', r), 'none')",
            LATE_OR_NOT,
        ),
        ("coalesce(map_keys(ml_predict_proba('binary@1', r)), null)", f"['{OTHER}', '{LATE}']"),
        (
            "coalesce(ml_predict_class('clustering@1', r), '')",
            "ml_predict('clustering@1', r)::integer::varchar",
        ),
        (
            "coalesce(ml_predict_class('anomaly@1', r), '')",
            f"if(ml_predict('anomaly@1', r) > {THRESHOLD}, 'anomaly', 'normal')",
        ),
    ],
)
def test_every_row_has_its_value(warehouse: duckdb.DuckDBPyConnection, value: str, expected: str) -> None:
    wrong = f"select count(*) from rows as r where ({value}) is distinct from ({expected})"
    assert warehouse.sql(wrong).fetchone() == (0,)
    warehouse.execute(
        f"create or replace table scored as select {value} as score, {expected} as wanted from rows as r"
    )
    assert warehouse.sql("select count(*) from scored where score is distinct from wanted").fetchone() == (0,)


@pytest.mark.parametrize(
    "rows",
    [
        "select * from rows where id % 3 = 1",
        f"select * replace (region::enum({REGIONS[1:-7]}) as region) from rows",
        "select * replace (coalesce(region, null) as region) from rows",
        "select a.* from rows as a inner join rows as b on a.id = b.id where b.id % 7 < 3",
        "select * from rows order by region limit 3000 offset 100",
    ],
)
def test_long_text_reaches_the_functions(warehouse: duckdb.DuckDBPyConnection, rows: str) -> None:
    expected = "select id, ml_predict_proba('multiclass@1', r) as score from rows as r"
    wrong = f"""
        select count(*)
        from (select id, ml_predict_proba('multiclass@1', r) as score from ({rows}) as r) as scored
        inner join ({expected}) as expected using (id)
        where scored.score is distinct from expected.score
    """
    assert warehouse.sql(wrong).fetchone() == (0,)
