"""promote, rollback and release take effect at once and are recorded, or say in one sentence why they do nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from judged_models import AT_LEAST_70, Model, version

import scoring

AT_LEAST_90 = {"metric": "roc_auc", "min": 0.9}
FORM = {"raw_score": "r.x + r.y", "prediction": "raw_score / 2e0"}
TWICE = {**FORM, "prediction": "raw_score * 2e0"}


@pytest.fixture
def model() -> Iterator[Model]:
    """A model with two champions so far; its gates refuse version 3."""
    with scoring.connect() as connection:
        connection.execute("set threads = 1")
        model = Model(connection)
        model.build(version(1, 0.8, sql_form=FORM), version(2, 0.9, sql_form=TWICE), version(3, 0.1))
        assert model.decided == [(1, "accept"), (2, "accept"), (2, "refuse")]
        yield model


def test_actions_take_effect_at_once_and_are_recorded(model: Model) -> None:
    def scores() -> list[tuple]:
        return model.connection.sql("select ml.m_sql({'x': 1, 'y': 3})").fetchall()

    assert scores() == [(8.0,)]
    answer = model.operate("rollback")
    assert answer == {"message": "The champion of m is version 1 (rollback: from version 2)."}
    assert (model.past.champion, scores()) == (1, [(2.0,)])

    answer = model.operate("promote", version=3, reason='the owner\'s \\ "word"', force=True)
    assert 'version 3 (promote (forced): the owner\'s \\ "word")' in answer["message"]
    assert "There is no macro ml.m_sql" in answer["message"]
    with pytest.raises(duckdb.CatalogException):
        scores()

    answer = model.operate("release", reason="done")
    assert answer == {"message": "The champion of m is version 2 (release: done)."}
    assert scores() == [(8.0,)]
    recorded = (
        "select version, action, reason, is_forced, dbt_invocation_id from ml.decisions where sequence > 3"
    )
    assert model.connection.sql(recorded + " order by sequence").fetchall() == [
        (1, "rollback", "rollback: from version 2", False, "run-1"),
        (3, "promote", 'promote (forced): the owner\'s \\ "word"', True, "run-1"),
        (2, "release", "release: done", False, "run-1"),
    ]
    assert model.past.champions == (2, 3, 1, 2, 1)


def test_without_reason_one_is_given(model: Model) -> None:
    for action, arguments, reason in (
        ("promote", {"version": 1}, "promote: to version 1"),
        ("rollback", {"version": 2}, "rollback: from version 1"),
        ("release", {}, "release: back to the gates"),
        ("promote", {"version": 1, "force": True}, "promote: to version 1"),
    ):
        model.operate(action, **arguments)
        last = model.past.last
        assert last is not None and (last.reason, last.is_forced) == (reason, False)


def test_rollback_goes_to_the_champion_before_and_back(model: Model) -> None:
    for expected in (1, 2, 1):
        model.operate("rollback")
        assert model.past.champion == expected


def test_a_version_that_scored_may_be_gone_back_to_though_it_passes_no_gate(model: Model) -> None:
    model.operate("promote", version=3, force=True)
    model.operate("promote", version=2)
    assert "force: true" in model.operate("promote", version=3)["problem"]
    assert "message" in model.operate("rollback", version=3)
    assert model.past.champion == 3


def test_rollback_without_a_champion_goes_to_the_last_one(model: Model) -> None:
    model.connection.execute("update ml.decisions set version = null where sequence = 3")
    model.operate("rollback")
    last = model.past.last
    assert last is not None and (last.version, last.reason) == (2, "rollback: to version 2")


def test_release_leaves_no_champion_where_none_passes() -> None:
    with scoring.connect() as connection:
        model = Model(connection)
        model.build(version(1, 0.1))
        model.operate("promote", version=1, force=True)
        assert model.operate("release") == {
            "message": "The champion of m is none (release: back to the gates)."
        }
        assert model.decided == [(None, "refuse"), (1, "promote"), (None, "release")]


def test_release_never_makes_a_damaged_version_champion(model: Model) -> None:
    model.operate("promote", version=1)
    model.damage(2)
    model.operate("release")
    assert model.past.champion == 1


REFUSED: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("promote", {"version": 3}, ("version 3 of 'm'", "model_gates", "force: true")),
    ("promote", {"version": 9}, ("version 9", "1, 2, 3")),
    ("promote", {"version": 99999999999999999999}, ("its versions are 1, 2, 3",)),
    ("rollback", {"version": 3}, ("version 3 of 'm'", "force: true")),
    ("rollback", {"version": 9}, ("version 9", "1, 2, 3")),
    ("promote", {}, ("version is missing",)),
    ("promote", {"version": None}, ("version is missing",)),
    ("promote", {"version": True}, ("version is true",)),
    ("promote", {"version": "1"}, ("the text '1'", "version: 3")),
    ("promote", {"version": 1.5}, ("version is 1.5",)),
    ("promote", {"version": 0}, ("version is 0",)),
    ("promote", {"version": -1}, ("version is -1",)),
    ("promote", {"version": [1]}, ("version is [1]",)),
    ("promote", {"version": 1, "force": "maybe"}, ("force is the text 'maybe'", "true or false")),
    ("promote", {"version": 1, "force": 1}, ("force is 1",)),
    ("promote", {"version": 1, "reason": 7}, ("reason is 7",)),
    ("promote", {"version": 1, "reason": " "}, ("reason is the text ' '",)),
    ("promote", {"version": 1, "why": "audit"}, ("why is not an argument",)),
    ("promote", {"version": 0, "reason": 7, "why": 1}, ("version is 0", "reason is 7", "why is not")),
    ("rollback", {"version": None}, ("version is missing",)),
    ("rollback", {"versoin": 1}, ("Did you mean 'version'?",)),
    ("release", {"version": 1}, ("version is not an argument",)),
    ("release", {"force": True}, ("force is not an argument",)),
    ("release", {"reason": 7}, ("reason is 7",)),
]


@pytest.mark.parametrize(("action", "arguments", "facts"), REFUSED)
def test_what_is_wrong_is_named_and_nothing_changes(
    model: Model, action: str, arguments: dict[str, Any], facts: tuple[str, ...]
) -> None:
    before = model.decided
    answer = model.operate(action, **arguments)
    assert answer.keys() == {"problem"}
    for fact in (f"{action} changes nothing: ", *facts):
        assert fact in answer["problem"]
    assert model.decided == before


@pytest.mark.parametrize(
    ("action", "arguments"), [("promote", {"version": 1, "force": True}), ("rollback", {})]
)
def test_a_damaged_version_cannot_be_made_champion(
    model: Model, action: str, arguments: dict[str, Any]
) -> None:
    model.damage(1)
    problem = model.operate(action, **arguments)["problem"]
    for fact in (f"{action} changes nothing", "'m@1'", "SHA-256"):
        assert fact in problem
    assert model.past.champion == 2


def test_rollback_needs_somewhere_to_go() -> None:
    with scoring.connect() as connection:
        model = Model(connection)
        model.build(version(1, 0.8))
        problem = model.operate("rollback")["problem"]
        for fact in ("'m'", "version 1 only", "name the version"):
            assert fact in problem
        refused = Model(connection, "refused")
        refused.build(version(1, 0.1, model="refused"))
        assert "no champion so far" in refused.operate("rollback")["problem"]


PIN = {"version": 1, "reason": "audit"}


@pytest.mark.parametrize(
    "build",
    [
        {"pin": PIN},
        {"pin": {"version": 8}},
        {"pin": PIN, "problem": "The training is refused."},
        {"pin": {"version": 8}, "problem": "The training is refused."},
    ],
    ids=["pinned", "pinned wrongly", "pinned, training refused", "pinned wrongly, training refused"],
)
@pytest.mark.parametrize(
    ("action", "arguments"),
    [("promote", {"version": 2, "force": True}), ("rollback", {"version": 2}), ("release", {})],
)
def test_a_pinned_model_is_decided_by_its_block(
    model: Model, build: dict[str, Any], action: str, arguments: dict[str, Any]
) -> None:
    model.build(**build)
    before = model.decided
    problem = model.operate(action, **arguments)["problem"]
    for fact in (f"{action} changes nothing", "'m'", "pin", "dbt build"):
        assert fact in problem
    assert model.decided == before
    model.build()
    assert "message" in model.operate(action, **arguments)


def test_a_block_that_cannot_be_read_leaves_its_pin(model: Model) -> None:
    model.build(pin=PIN)
    model.build(gates=None, problem="The block cannot be read.")
    assert "pin" in model.operate("release")["problem"]


@pytest.mark.parametrize("action", ["promote", "rollback", "release"])
def test_a_model_without_versions_has_nothing_to_decide(model: Model, action: str) -> None:
    arguments = {"version": 1} if action == "promote" else {}
    other = Model(model.connection, "other")
    for statement in (
        "",
        "create table ml.other (version integer)",
        "create or replace table ml.other as from ml.m limit 0",
    ):
        if statement:
            model.connection.execute(statement)
        problem = other.operate(action, **arguments)["problem"]
        assert "'other' has no version yet" in problem and "dbt build" in problem


def test_versions_that_no_build_has_judged_yet_need_force(model: Model) -> None:
    model.connection.execute("drop table ml.decisions")
    assert "force: true" in model.operate("promote", version=1)["problem"]
    model.operate("promote", version=1, force=True)
    assert model.decided == [(1, "promote")]


def test_a_gate_tightened_since_stops_no_promotion_of_a_version_that_met_its_own(model: Model) -> None:
    model.build(gates=[AT_LEAST_70, {**AT_LEAST_90, "min": 0.95}])
    model.operate("promote", version=1)
    assert model.decided[-1] == (1, "promote")


def test_a_form_that_is_no_sql_is_a_notice(model: Model) -> None:
    model.build(version(4, 0.8, sql_form={"raw_score": "r.x +* 'a", "prediction": "raw_score"}))
    message = model.operate("promote", version=4)["message"]
    assert "There is no macro ml.m_sql" in message and "ml_predict scores with version 4" in message
    assert model.past.champion == 4


def test_an_action_whose_record_cannot_be_kept_changes_nothing(model: Model) -> None:
    model.connection.execute("alter table ml.decisions alter dbt_invocation_id type integer using 1")
    with pytest.raises(duckdb.ConversionException):
        model.operate("promote", version=1)
    assert model.decided[-1] == (2, "refuse")
    assert model.connection.sql("select ml.m_sql({'x': 1, 'y': 3})").fetchall() == [(8.0,)]
