"""Which version of a model may score after a build, and why: gates, pin and promotions judged together."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import duckdb
import pyarrow as pa

from scoring import decisions, sql_forms
from scoring.decisions import ACCEPT, HOLD, ONE_AT_A_TIME, PIN, REFUSE, REFUSE_PIN, WAIT, Decision, Past
from scoring.errors import WarehouseMLError
from scoring.loading import damage
from scoring.registry import numbers
from scoring.retention import Policy, due, prune
from scoring.version import Version
from scoring.warehouse import Relation, Warehouse
from training import trials
from training.declared.gates import LIVE
from training.declared.spec import ModelSpec, Pin
from training.errors import TrainingError
from training.evaluation.gate_messages import failure
from training.evaluation.gates import JUDGED, passing, verdicts
from training.evaluation.live_rows import measured

Problem = Callable[[int], str | None]
"""Returns why the row of a version is damaged; None if it is not."""


def decide(
    model: str,
    numbers: Sequence[int],
    judged: Iterable[dict[str, Any]],
    *,
    pin: Pin | None,
    past: Past,
    problem: Problem,
) -> Decision:
    """Return the decision about a model.

    A pin comes first, then a promotion or rollback that was not released, then the newest version that passes its
    gates. A damaged version cannot become champion. A pin that cannot take effect leaves the champion as it is.

    Parameters
    ----------
    model
        Name of the model.
    numbers
        The numbers of its versions, ascending, not empty.
    judged
        See `training.evaluation.gates.verdicts`.
    pin
        The pin of the model's block.
    past
        The decisions so far.
    problem
        Tells whether a version is damaged.
    """
    newest = numbers[-1]
    with_messages = [
        {**verdict, "message": None if verdict["is_passed"] else failure(model, verdict)}
        for verdict in judged
    ]
    may_score = passing(with_messages)

    def made(version: int | None, action: str, reason: str, *, is_forced: bool = False) -> Decision:
        return Decision(model, version, action, reason, is_forced, newest, may_score, tuple(with_messages))

    if pin is not None:
        refusal = "there is no such version" if pin.version not in numbers else problem(pin.version)
        if refusal is not None:
            return made(
                past.champion,
                REFUSE_PIN,
                f"The pin of {model} to version {pin.version} takes no effect: {refusal}. {_scores(past.champion)} "
                "Correct pin in the model's block.",
            )
        return made(pin.version, PIN, f"pin: {pin.reason or 'no reason given'}")
    lacking = [
        verdict
        for verdict in with_messages
        if verdict["version"] == newest
        and verdict["severity"] == "error"
        and verdict["is_declared_today"]
        and not verdict["is_passed"]
    ]
    failures = [verdict["message"] for verdict in lacking]
    refused = newest not in may_score or bool(failures)
    refusal = WAIT if failures and all(map(is_waiting, lacking)) else REFUSE
    if past.held is not None:
        if refused:
            sentence = f"{' '.join(failures)} {_scores(past.held.version)}"
            return made(past.held.version, refusal, sentence, is_forced=past.held.is_forced)
        return made(past.held.version, HOLD, past.held.reason, is_forced=past.held.is_forced)
    sound = (number for number in sorted(may_score, reverse=True) if problem(number) is None)
    version = next(sound, None)
    if refused:
        return made(version, refusal, f"{' '.join(failures)} {_scores(version, newest)}")
    if version != newest:
        return made(version, REFUSE, f"{problem(newest)} {_scores(version)}")
    return made(version, ACCEPT, "gates")


def is_waiting(verdict: Mapping[str, Any]) -> bool:
    """Return whether a gate that is not passed only lacks live rows to be judged by."""
    return verdict["dataset"] == LIVE and verdict["left_out"] is not None


def _scores(version: int | None, newest: int | None = None) -> str:
    """Return the sentence that says which version scores."""
    if version is None:
        return "No version scores."
    return "It goes on scoring." if version == newest else f"Version {version} goes on scoring."


@dataclass
class Outcome:
    """What a build did about one model.

    Parameters
    ----------
    problem
        Why there is no new version, as a sentence for the user; None if nothing went wrong.
    details
        The traceback of an error that no rule of ours foresees; None for others.
    notices
        What to report beside.
    """

    problem: str | None = None
    details: str | None = None
    notices: list[str] = field(default_factory=list)


def keep(
    warehouse: Warehouse,
    versions: Relation,
    version: Version | None,
    spec: ModelSpec | None,
    done: Outcome,
    *,
    invocation: str | None,
    folder: str | None,
    monitors: Sequence[Relation] = (),
) -> None:
    """Append a version, if there is one, and the decision, if it says anything new, in one transaction.

    Parameters
    ----------
    versions
        The table of the model's versions.
    version
        The new one; None where nothing was trained.
    spec
        The model's block; None where it cannot be read.
    done
        Takes the problem that the decision reports, and the notices.
    invocation, folder
        See `scoring.decisions.append`.
    monitors
        The tables of the model's monitors.
    """
    with ONE_AT_A_TIME, warehouse.transaction():
        past = decisions.past(warehouse, versions)
        if version is not None:
            warehouse.append(versions, version.to_row())
            done.notices.extend(version.notices or ())
        for decision in _decisions(warehouse, versions, spec, past, done, monitors):
            if decision.differs(past.last):
                kept = decisions.append(warehouse, versions, decision, invocation=invocation, folder=folder)
                past = replace(past, last=kept)
        done.notices.extend(sql_forms.write(warehouse, versions, past.champion, run=invocation))
        if spec is not None and spec.retention is not None:
            done.notices.extend(_pruned(warehouse, versions, spec, spec.retention.policy))


def _pruned(warehouse: Warehouse, versions: Relation, spec: ModelSpec, policy: Policy) -> Iterator[str]:
    """Take the artifacts of old versions, and yield what to report of each, or why none lost its own."""
    held = [part.version for part in (spec.pin, spec.ab_test) if part is not None]
    try:
        chosen = due(warehouse, versions, policy, held=held)
    except WarehouseMLError as error:
        yield f"no version loses its artifact: {error}"
        return
    prune(warehouse, versions, chosen)
    for one in chosen:
        yield f"the artifact of version {one.version}, which {one.reason}, was removed by retention"


def _decisions(
    warehouse: Warehouse,
    versions: Relation,
    spec: ModelSpec | None,
    past: Past,
    done: Outcome,
    monitors: Sequence[Relation],
) -> list[Decision]:
    """Return the decision about the versions that are there and, where training was refused, the refusal."""
    made: list[Decision] = []
    try:
        existing = numbers(warehouse, versions)
        if spec is not None and existing:
            judged = _judged(warehouse, versions, existing, spec, past, monitors)
            made.append(judged)
            lacking = trials.problem(warehouse, versions, existing, spec.ab_test)
            if lacking is None:
                made = [trials.added(judged, spec.ab_test)]
            done.problem = done.problem or lacking
            if judged.action == WAIT:
                done.notices.append(judged.reason)
    except WarehouseMLError as error:
        done.problem = done.problem or str(error)
    except (duckdb.Error, pa.ArrowException) as error:
        done.problem = done.problem or str(TrainingError.unforeseen(versions.name, error))
        done.details = done.details or traceback.format_exc()
    if done.problem is None:
        return made
    last = made[0] if made else past.last or Decision(versions.name, None, REFUSE, "")
    # That the model is pinned outlasts the refusal: an operator is still referred to the block.
    action = REFUSE_PIN if last.action in (PIN, REFUSE_PIN) else REFUSE
    refusal = replace(last, action=action, reason=done.problem)
    return [*(one for one in made if one.version != past.champion), refusal]


def _judged(
    warehouse: Warehouse,
    versions: Relation,
    existing: Sequence[int],
    spec: ModelSpec,
    past: Past,
    monitors: Sequence[Relation],
) -> Decision:
    columns = ", ".join(JUDGED)
    rows = warehouse.arrow(f"select {columns} from {versions.sql} where version is not null")
    is_live = any(gate.dataset == LIVE for gate in spec.gates)
    live = measured(warehouse, versions, monitors if is_live else (), past.champion)
    return decide(
        versions.name,
        existing,
        verdicts(rows, spec, champion=past.champion, live=live),
        pin=spec.pin,
        past=past,
        problem=partial(damage, warehouse, versions),
    )
