"""Whatever goes wrong while a model trains is that model's refusal: a sentence with the cause."""

from __future__ import annotations

from typing import Any

import pytest
from lightgbm.basic import LightGBMError

import scoring
from training.materialize import materialize

BLOCK: dict[str, Any] = {
    "task": "binary",
    "label": "y",
    "key": "id",
    "split": {"method": "random", "validation": 0.2, "test": 0.2},
    "estimator": "lightgbm",
    "params": {"num_iterations": 3},
}
NODE: dict[str, Any] = {
    "load": None,
    "relation": ("memory", "ml", "m"),
    "retrain": False,
    "without_data": False,
    "invocation": "run-1",
}
ROWS = "select i as id, (i * 7919) % 101 as a, (i * 7919) % 101 > 50 as y"


def outcome(query: str, **changes: Any) -> tuple[int | None, str | None]:
    """Return the version that a node makes its champion, or why it makes none."""
    with scoring.connect() as session:
        materialize(session, query=query, config={**BLOCK, **changes}, **NODE)
        ((version, action, reason),) = session.sql(
            "select version, action, reason from ml.decisions"
        ).fetchall()
        assert session.sql("select version from ml.m").fetchall() == ([(version,)] if version else [])
        return version, reason if action == "refuse" else None


def rows(*features: str) -> str:
    return f"{', '.join([ROWS, *features])} from range(300) as rows (i)"


@pytest.mark.parametrize(
    ("features", "facts"),
    [
        (["i % 7 as A"], "'a' is in the query more than once, exclude"),
        (['i as "__position"'], "'__position' reserved rename"),
        (['i as "__LABEL"'], "'__LABEL' reserved rename"),
        (['i as "__filename"'], "'__filename' reserved rename"),
        (["cast(case when i = 299 then 'x' else '1' end as integer) as f"], "warehouse Could not convert"),
        (["error('no such thing') as f"], "warehouse no such thing"),
        (["i::hugeint * 10000000000000000000000000000000000 as f, [i] as g"], "'g' list"),
        (["interval 1 day as f", "'a'::blob as g", "uuid() as h"], "'f' 'g' 'h' interval blob uuid"),
        (
            ["'c' || i || repeat('x', i) as f from range(30000) as rows (i) --"],
            "17,9 categories 10,000 group",
        ),
    ],
)
def test_query_that_no_model_can_learn_from_is_refused(features: list[str], facts: str) -> None:
    version, problem = outcome(rows(*features))
    assert version is None and problem is not None
    assert all(fact in problem for fact in facts.replace(",", ", ").split() if len(fact) > 3), problem


def test_join_that_repeats_columns_is_refused_with_their_names() -> None:
    _, problem = outcome(f"select a.*, b.* from ({rows()}) as a inner join ({rows()}) as b on a.id = b.id")
    assert problem is not None and "'id', 'a', 'y' are in the query more than once" in problem


def test_error_that_no_rule_foresees_names_the_library_and_keeps_its_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fit(*arguments: object, **settings: object) -> None:
        raise LightGBMError("Check failed: (best_split_info.left_count) > (0) at serial_tree_learner.cpp")

    monkeypatch.setattr("lightgbm.train", fit)
    with scoring.connect() as session:
        details = materialize(session, query=rows(), config=BLOCK, **NODE).details
        ((problem,),) = session.sql("select reason from ml.decisions").fetchall()
    assert (
        "Model 'm' was not trained: LightGBM reports: Check failed: (best_split_info.left_count)" in problem
    )
    assert details is not None and details.startswith("Traceback") and "LightGBMError" in details


@pytest.mark.parametrize(
    "feature",
    [
        "case when i % 2 = 0 then 'a' || chr(0) || 'b' else 'c' end",
        "case when i % 2 = 0 then '' else 'c' end",
        "case when i % 2 = 0 then repeat('x', 1000000) else 'c' end",
        "case when i % 5 = 0 then 'infinity'::date else date '2024-01-01' + i::integer end",
        "i::hugeint * 10000000000000000000000000000000000",
        "null",
        "null::varchar",
        "1",
    ],
)
def test_odd_values_are_learnt_from(feature: str) -> None:
    assert outcome(rows(f"{feature} as f")) == (1, None)


@pytest.mark.parametrize(
    "name", ['a"b', "a\nb", "x" * 300, "größe ✈", "a:b,[]{}", "select", " ", "score", "features"]
)
def test_odd_names_are_learnt_from(name: str) -> None:
    doubled = name.replace('"', '""')
    assert outcome(rows(f'i % 13 as "{doubled}"')) == (1, None)
