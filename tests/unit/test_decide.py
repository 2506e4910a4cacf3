"""Which version scores after each build, and why: stories of builds, pins, and an operator's actions.

The versions are made by hand and everything else is real, but for dbt.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
from judged_models import AT_LEAST_70, Model, version
from made_versions import measured

import scoring
from scoring import sql_forms
from scoring.warehouse import Warehouse

AT_LEAST_60, AT_LEAST_90 = ({"metric": "roc_auc", "min": least} for least in (0.6, 0.9))
WARN = {**AT_LEAST_70, "severity": "warn"}
NO_BETTER = measured("brier", 0.25)
PROBLEM = "Model 'm' has 1 problem in its training data: it has no rows."


@dataclass(frozen=True)
class Build:
    """A build, with a new version unless nothing was trained; the block is that of training unless it is moved."""

    number: int | None = None
    auc: float | None = None
    metrics: Sequence[dict[str, Any]] = ()
    gates: Sequence[dict[str, Any]] | None = (AT_LEAST_70,)
    block: dict[str, Any] = field(default_factory=dict)
    problem: str | None = None

    def do(self, model: Model, *, again: bool = False) -> None:
        new = []
        if self.number is not None and not again:
            assert self.gates is not None
            new = [version(self.number, self.auc, *self.metrics, gates=self.gates)]
        model.build(*new, gates=self.gates, problem=self.problem, **self.block)


@dataclass(frozen=True)
class Operator:
    """A promotion, rollback or release that is accepted."""

    action: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def do(self, model: Model) -> None:
        answer = model.operate(self.action, **self.arguments)
        assert "problem" not in answer, answer


@dataclass(frozen=True)
class Damage:
    """A version whose artifact somebody alters."""

    number: int

    def do(self, model: Model) -> None:
        model.damage(self.number)


Story = tuple[list[Build | Operator | Damage], list[tuple[int | None, str]], tuple[str, ...]]


def pinned(number: int, reason: str | None = None) -> dict[str, Any]:
    return {"pin": {"version": number, **({"reason": reason} if reason else {})}}


TWO = [Build(1, 0.8), Build(2, 0.8)]
BOTH = [(1, "accept"), (2, "accept")]
PROMOTED = [*TWO, Operator("promote", {"version": 1})]
ONE_OF_TWO = [Build(1, 0.8), Build(2, 0.65)]
REFUSED = [(1, "accept"), (1, "refuse")]

STORIES: dict[str, Story] = {
    "a first version that passes its gates": ([Build(1, 0.8)], [(1, "accept")], ("gates",)),
    "a first version that does not": (
        [Build(1, 0.6)],
        [(None, "refuse")],
        ("Version 1 of m must have roc_auc on the test data of at least 0.7", "0.6", "No version scores."),
    ),
    "a second version that passes": (TWO, BOTH, ("gates",)),
    "a second version that does not leaves the champion": (
        [Build(1, 0.8), Build(2, 0.6)],
        REFUSED,
        ("Version 2 of m must have roc_auc", "Version 1 goes on scoring."),
    ),
    "a metric that is not defined passes no gate": (
        [Build(1, 0.8), Build(2, None)],
        REFUSED,
        ("Version 2 of m must have roc_auc", "nothing was observed"),
    ),
    "a version that differs from its library": (
        [Build(1, 0.8), Build(2, 0.8, [measured("non_finite_scores", 2.0)])],
        REFUSED,
        ("Version 2 of m gives 2 rows of the test data", "Version 1 goes on scoring."),
    ),
    "a gate of severity warn": ([Build(1, 0.8), Build(2, 0.6, gates=[WARN])], BOTH, ("gates",)),
    "a gate loosened since": ([*ONE_OF_TWO, Build(gates=[AT_LEAST_60])], [*REFUSED, (2, "accept")], ()),
    "a gate removed since": ([*ONE_OF_TWO, Build(gates=[])], [*REFUSED, (2, "accept")], ()),
    "a gate made a warning since": ([*ONE_OF_TWO, Build(gates=[WARN])], [*REFUSED, (2, "accept")], ()),
    "a gate loosened and moved back": (
        [*ONE_OF_TWO, Build(gates=[AT_LEAST_60]), Build()],
        [*REFUSED, (2, "accept"), (1, "refuse")],
        ("Version 2 of m must have roc_auc",),
    ),
    "a gate tightened since leaves the champion and is reported": (
        [Build(1, 0.8), Build(gates=[AT_LEAST_90])],
        REFUSED,
        ("Version 1 of m must have roc_auc on the test data of at least 0.9", "It goes on scoring."),
    ),
    "a gate tightened and moved back": (
        [Build(1, 0.8), Build(gates=[AT_LEAST_90]), Build()],
        [*REFUSED, (1, "accept")],
        ("gates",),
    ),
    "a version no better than a constant": (
        [Build(1, 0.8), Build(2, 0.8, [NO_BETTER])],
        REFUSED,
        ("better than the constant baseline in brier", "must_beat_constant: false"),
    ),
    "a block that excuses it since": (
        [Build(1, 0.8), Build(2, 0.8, [NO_BETTER]), Build(block={"must_beat_constant": False})],
        [*REFUSED, (2, "accept")],
        ("gates",),
    ),
    "a pin": ([*TWO, Build(block=pinned(1, "audit"))], [*BOTH, (1, "pin")], ("pin: audit",)),
    "a pin without a reason": ([*TWO, Build(block=pinned(1))], [*BOTH, (1, "pin")], ("no reason given",)),
    "a pin to a version that its gates refuse": (
        [Build(1, 0.6), Build(block=pinned(1, "the owner's word"))],
        [(None, "refuse"), (1, "pin")],
        ("pin: the owner's word",),
    ),
    "a pin to a version that is not there": (
        [*TWO, Build(block=pinned(8, "a typo"))],
        [*BOTH, (2, "refuse_pin")],
        ("pin of m to version 8", "there is no such version", "Version 2 goes on scoring.", "Correct pin"),
    ),
    "a pin to a version that is not there, without a champion": (
        [Build(1, 0.6), Build(block=pinned(8))],
        [(None, "refuse"), (None, "refuse_pin")],
        ("No version scores.",),
    ),
    "a pin to a damaged version": (
        [*TWO, Damage(1), Build(block=pinned(1, "audit"))],
        [*BOTH, (2, "refuse_pin")],
        ("pin of m to version 1", "SHA-256", "Version 2 goes on scoring."),
    ),
    "a pin removed": (
        [*TWO, Build(block=pinned(1)), Build()],
        [*BOTH, (1, "pin"), (2, "accept")],
        ("gates",),
    ),
    "a pin moved to a version that is not there leaves the pinned one": (
        [*TWO, Build(block=pinned(1)), Build(block=pinned(8))],
        [*BOTH, (1, "pin"), (1, "refuse_pin")],
        ("Version 1 goes on scoring.",),
    ),
    "a wrong pin removed": (
        [*TWO, Build(block=pinned(8)), Build()],
        [*BOTH, (2, "refuse_pin"), (2, "accept")],
        ("gates",),
    ),
    "a new version beside a pin": (
        [Build(1, 0.8), Build(block=pinned(1)), Build(2, 0.9, block=pinned(1))],
        [(1, "accept"), (1, "pin"), (1, "pin")],
        ("pin:",),
    ),
    "a training refused": ([Build(1, 0.8), Build(problem=PROBLEM)], REFUSED, (PROBLEM,)),
    "a first training refused": ([Build(problem=PROBLEM)], [(None, "refuse")], (PROBLEM,)),
    "a block that cannot be read": ([Build(1, 0.8), Build(gates=None, problem=PROBLEM)], REFUSED, (PROBLEM,)),
    "a training accepted after a refusal": (
        [Build(1, 0.8), Build(problem=PROBLEM), Build()],
        [*REFUSED, (1, "accept")],
        ("gates",),
    ),
    "a training refused and a pin in the same build": (
        [*TWO, Build(problem=PROBLEM, block=pinned(1, "audit"))],
        [*BOTH, (1, "pin"), (1, "refuse_pin")],
        (PROBLEM,),
    ),
    "a training refused and a gate moved in the same build": (
        [*ONE_OF_TWO, Build(problem=PROBLEM, gates=[AT_LEAST_60])],
        [*REFUSED, (2, "accept"), (2, "refuse")],
        (PROBLEM,),
    ),
    "a damaged newest version never becomes champion": (
        [*ONE_OF_TWO, Damage(2), Build(gates=[AT_LEAST_60])],
        [*REFUSED, (1, "refuse")],
        ("SHA-256", "Version 1 goes on scoring."),
    ),
    "a damaged only version never becomes champion": (
        [Build(1, 0.6), Damage(1), Build(gates=[AT_LEAST_60])],
        [(None, "refuse"), (None, "refuse")],
        ("SHA-256", "No version scores."),
    ),
    "a damaged champion gives way to the newest sound version": (
        [*TWO, Damage(2), Build()],
        [*BOTH, (1, "refuse")],
        ("SHA-256", "Version 1 goes on scoring."),
    ),
    "a new version mends a damaged champion": (
        [*TWO, Damage(2), Build(3, 0.8)],
        [*BOTH, (3, "accept")],
        ("gates",),
    ),
    "a promotion holds while nothing is trained": ([*PROMOTED, Build()], [*BOTH, (1, "promote")], ()),
    "a promotion holds while a new version comes": (
        [*PROMOTED, Build(3, 0.9)],
        [*BOTH, (1, "promote"), (1, "hold")],
        ("promote: to version 1",),
    ),
    "a promotion holds while a new version is refused": (
        [*PROMOTED, Build(3, 0.6)],
        [*BOTH, (1, "promote"), (1, "refuse")],
        ("Version 3 of m must have roc_auc", "Version 1 goes on scoring."),
    ),
    "a promotion holds while a training is refused": (
        [*PROMOTED, Build(problem=PROBLEM), Build()],
        [*BOTH, (1, "promote"), (1, "refuse"), (1, "hold")],
        ("promote: to version 1",),
    ),
    "a pin comes before a promotion, which holds again without it": (
        [*PROMOTED, Build(block=pinned(2)), Build()],
        [*BOTH, (1, "promote"), (2, "pin"), (1, "hold")],
        ("promote: to version 1",),
    ),
    "a rollback holds while a new version comes": (
        [*TWO, Operator("rollback"), Build(3, 0.9)],
        [*BOTH, (1, "rollback"), (1, "hold")],
        ("rollback: from version 2",),
    ),
    "a forced promotion holds though its version passes no gate": (
        [Build(1, 0.8), Build(2, 0.6), Operator("promote", {"version": 2, "force": True}), Build()],
        [*REFUSED, (2, "promote"), (2, "refuse")],
        ("Version 2 of m must have roc_auc", "Version 2 goes on scoring."),
    ),
    "after a release the gates decide": (
        [*PROMOTED, Build(3, 0.9), Operator("release"), Build(4, 0.9)],
        [*BOTH, (1, "promote"), (1, "hold"), (3, "release"), (4, "accept")],
        ("gates",),
    ),
}


@pytest.fixture
def model() -> Iterator[Model]:
    with scoring.connect() as connection:
        connection.execute("set threads = 1")
        yield Model(connection)


@pytest.mark.parametrize("name", STORIES)
def test_story(model: Model, name: str) -> None:
    """The last build, repeated with nothing changed, appends nothing."""
    steps, expected, facts = STORIES[name]
    for step in steps:
        step.do(model)
    assert model.decided == expected
    last = model.past.last
    assert last is not None
    for fact in facts:
        assert fact in last.reason
    assert (last.version, last.action) == expected[-1]
    final = steps[-1]
    assert isinstance(final, Build)
    for _ in range(2):
        final.do(model, again=True)
    assert model.decided == expected


def test_a_decision_tells_when_by_whom_and_what_was_judged(model: Model) -> None:
    model.build(version(1, 0.8))
    decision = model.build(version(2, 0.6), gates=[WARN, AT_LEAST_90])
    assert (decision.sequence, decision.newest_version, decision.passing_versions) == (2, 2, (1,))
    assert decision.dbt_invocation_id == "run-2" and decision.decided_by and decision.decided_at is not None
    failed = {
        (gate["version"], gate["threshold"], gate["severity"], gate["is_declared_today"])
        for gate in decision.gates
        if not gate["is_passed"]
    }
    assert failed == {
        (1, 0.9, "error", True),
        (2, 0.9, "error", True),
        (2, 0.7, "error", False),
        (2, 0.7, "warn", True),
    }
    messages = [gate["message"] for gate in decision.gates]
    assert [message is None for message in messages] == [gate["is_passed"] for gate in decision.gates]


def test_models_of_a_schema_share_one_sequence_and_decide_for_themselves(model: Model) -> None:
    other = Model(model.connection, "other")
    elsewhere = Model(model.connection, "m", "dev_ml")
    model.build(version(1, 0.8))
    other.build(version(1, 0.8, model="other"))
    model.build(version(2, 0.6))
    elsewhere.build(version(1, 0.6))
    assert (model.decided, other.decided) == (REFUSED, [(1, "accept")])
    assert elsewhere.decided == [(None, "refuse")]
    rows = model.connection.sql("select sequence, model_name from ml.decisions order by 1").fetchall()
    assert rows == [(1, "m"), (2, "other"), (3, "m")]


def test_the_clock_decides_nothing(model: Model) -> None:
    """The clock of a build is two hours behind that of the one before; a rollback goes to the one before it."""
    model.build(version(1, 0.8), version(2, 0.8), version(3, 0.8))
    model.connection.execute(
        "update ml.decisions set decided_at = decided_at - interval 2 hours where sequence = 3"
    )
    assert model.past.champion == 3
    model.operate("rollback")
    assert (model.past.champion, model.past.champions) == (2, (2, 3, 2, 1))
    model.build(version(4, 0.8))
    assert model.decided[-1] == (2, "hold")


FORM = {"raw_score": "r.x + r.y", "prediction": "raw_score / 2e0"}


def test_the_sql_form_is_that_of_the_champion(model: Model) -> None:
    score = "select {}.m_sql({{'x': 1, 'y': 3}})"
    other = {**FORM, "prediction": "raw_score * 2e0"}
    model.build(version(1, 0.8, sql_form=FORM))
    assert model.connection.sql(score.format("ml")).fetchall() == [(2.0,)]
    model.build(version(2, 0.6, sql_form=other))
    assert model.connection.sql(score.format("ml")).fetchall() == [(2.0,)]
    model.build(gates=[AT_LEAST_60])
    assert model.connection.sql(score.format("ml")).fetchall() == [(8.0,)]
    model.build(version(3, 0.8))
    with pytest.raises(duckdb.CatalogException):
        model.connection.sql(score.format("ml"))


def test_macros_of_all_models_are_listed_once_in_a_run(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Model(model.connection, "other")
    model.build(version(1, 0.8, sql_form=FORM))
    other.build(version(1, 0.8, model="other", sql_form=FORM))
    runs: list[Warehouse] = []
    listed = sql_forms._listed
    monkeypatch.setattr(sql_forms, "_listed", lambda warehouse: runs.append(warehouse) or listed(warehouse))
    for run in ("one", "two"):
        for each in (model, other, model):
            assert sql_forms.write(each.warehouse, each.versions, 1, run=run) == []
    assert len(runs) == 2
    assert sql_forms.write(model.warehouse, model.versions, None, run="two") == []
    assert sql_forms.write(model.warehouse, model.versions, 1, run="two") == []
    assert model.connection.sql("select ml.m_sql({'x': 1, 'y': 1}) is null").fetchall() == [(False,)]


def test_a_macro_that_somebody_replaced_is_written_again_and_reported(model: Model) -> None:
    model.build(version(1, 0.8, sql_form=FORM))
    assert model.notices == []
    model.connection.execute("create or replace macro ml.m_sql(r) as 0.5e0")
    model.build()
    (notice,) = model.notices
    assert "The macro ml.m_sql was replaced after version 1 of m became champion" in notice
    assert model.connection.sql("select ml.m_sql({'x': 1, 'y': 3})").fetchall() == [(2.0,)]
    model.build()
    assert model.notices == []


def test_a_form_that_is_no_sql_is_a_notice_and_the_version_scores(model: Model) -> None:
    model.build(version(1, 0.8, sql_form={"raw_score": "r.x +* 'a", "prediction": "raw_score"}))
    (notice,) = model.notices
    assert "There is no macro ml.m_sql" in notice
    assert model.decided == [(1, "accept")]


def kept(model: Model) -> tuple[list[Any], list[Any], list[Any]]:
    """Return versions, decisions and macros."""
    connection = model.connection
    return (
        connection.sql("select version, sha256(artifact) = artifact_sha256 from ml.m order by 1").fetchall(),
        connection.sql("select sequence, version, action from ml.decisions order by 1").fetchall(),
        connection.sql(
            "select function_name, macro_definition from duckdb_functions() where function_name like 'm#_%' "
            "escape '#' order by 1"
        ).fetchall(),
    )


def test_an_error_between_version_and_decision_leaves_neither(model: Model) -> None:
    model.build(version(1, 0.8, sql_form=FORM))
    before = kept(model)
    model.connection.execute("alter table ml.decisions alter dbt_invocation_id type integer using 1")
    with pytest.raises(duckdb.ConversionException):
        model.build(version(2, 0.8))
    assert kept(model) == before
    model.connection.execute("alter table ml.decisions alter dbt_invocation_id type varchar")
    model.build(version(2, 0.8))
    assert model.decided == BOTH


KILLED = """
import os, signal, sys

import judged_models
import scoring
from scoring.warehouse import Warehouse

path, action, table = sys.argv[1:]
append, rows = Warehouse.append, Warehouse.rows

def killed(self, relation, new):
    append(self, relation, new)
    if relation.name == table:
        os.kill(os.getpid(), signal.SIGKILL)

def killed_by(self, query, *arguments):
    answer = rows(self, query, *arguments)
    if table in query:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer

Warehouse.append, Warehouse.rows = killed, killed_by
with scoring.connect(path) as connection:
    model = judged_models.Model(connection)
    if action == "build":
        form = {"raw_score": "r.x", "prediction": "raw_score"}
        model.build(judged_models.version(3, 0.8, sql_form=form))
    else:
        model.operate(action, version=1)
"""


@pytest.mark.parametrize(
    ("action", "statement"),
    [
        ("build", "m"),
        ("build", "decisions"),
        ("build", "create or replace macro"),
        ("promote", "decisions"),
        ("rollback", "create or replace macro"),
    ],
)
def test_a_killed_process_leaves_no_half_decision_and_the_next_one_finishes(
    tmp_path: Path, action: str, statement: str
) -> None:
    path = tmp_path / "w.duckdb"
    with scoring.connect(path) as connection:
        model = Model(connection)
        model.build(*(version(number, 0.8, sql_form=FORM) for number in (1, 2)))
        before = kept(model)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), action, statement],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    with scoring.connect(path) as connection:
        model = Model(connection)
        assert kept(model) == before
        assert scoring.registry.resolve(Warehouse(connection), "m").version == 2
        if action == "build":
            model.build(version(3, 0.8))
            assert model.decided == [*BOTH, (3, "accept")]
        else:
            model.operate(action, version=1)
            assert model.decided == [*BOTH, (1, action)]


def test_an_ab_test_names_a_second_version_until_that_is_champion_or_missing_or_damaged(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    model = Model(warehouse)
    trial = {"ab_test": {"version": 2, "share": 0.1}}
    model.build(version(1, 0.8))
    decision = model.build(version(2, 0.6), **trial)  # a version that its gates refuse
    assert (decision.action, decision.version) == ("refuse", 1)
    assert (decision.challenger, decision.challenger_share) == (2, 0.1)
    assert model.build(**trial).sequence == decision.sequence  # nothing new
    assert model.build(ab_test={"version": 2, "share": 0.2}).challenger_share == 0.2
    model.build(version(3, 0.9), **trial)
    model.operate("rollback")
    kept = model.past.last
    assert kept is not None and (kept.version, kept.challenger) == (1, 2)
    model.operate("promote", version=2, force=True)
    kept = model.past.last
    assert kept is not None and (kept.version, kept.challenger) == (2, None)
    assert model.build(**trial).challenger is None
    model.operate("release")
    model.damage(2)
    decision = model.build(**trial)
    assert (decision.action, decision.version, decision.challenger) == ("refuse", 3, None)
    assert "A/B test of m with version 2" in decision.reason and "Correct ab_test" in decision.reason
    decision = model.build(ab_test={"version": 9, "share": 0.1})
    assert "version 9" in decision.reason and "no such version" in decision.reason
    assert model.build().challenger is None
