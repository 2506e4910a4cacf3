"""What an operator does about a model's champion: promote, roll back, release."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from scoring import sql_forms
from scoring.decisions import (
    ONE_AT_A_TIME,
    PIN,
    PROMOTE,
    REFUSE_PIN,
    RELEASE,
    ROLLBACK,
    Decision,
    Past,
    append,
    past,
)
from scoring.errors import ActionError, WarehouseMLError
from scoring.errors.decisions import ARGUMENTS, argument_problem, unknown_argument
from scoring.loading import damage
from scoring.registry import numbers
from scoring.warehouse import Relation, Warehouse


def act(warehouse: Warehouse, request: str) -> str:
    """Do what a run-operation of dbt asks for, and return what to report.

    Parameters
    ----------
    warehouse
        The warehouse, which is changed by one transaction or not at all.
    request
        JSON: ``action``, the ``arguments`` as the user gave them, ``relation`` with the database, schema and name
        of the model's table, the ``invocation`` of dbt and the project's ``folder``.

    Returns
    -------
    str
        JSON with a ``message``, or a ``problem`` if nothing was changed.
    """
    fields = json.loads(request)
    action, arguments = fields["action"], fields["arguments"]
    try:
        relation = Relation(*fields["relation"])
        with ONE_AT_A_TIME, warehouse.transaction():
            kept, notices = _acted(
                warehouse,
                relation,
                action,
                arguments,
                invocation=fields["invocation"],
                folder=fields["folder"],
            )
    except WarehouseMLError as error:
        return json.dumps({"problem": str(error)})
    champion = "no champion" if kept.version is None else f"version {kept.version}"
    message = f"The champion of {kept.model_name} is {champion} ({kept.reason})."
    return json.dumps({"message": " ".join([message.replace("is no champion", "is none"), *notices])})


def _acted(
    warehouse: Warehouse,
    relation: Relation,
    action: str,
    arguments: Mapping[str, Any],
    *,
    invocation: str | None,
    folder: str | None,
) -> tuple[Decision, list[str]]:
    if problems := argument_problems(action, arguments):
        raise ActionError.from_problems(action, problems)
    versions = numbers(warehouse, relation) if warehouse.columns(relation) else []
    if not versions:
        raise ActionError.no_version(action, relation.name, 0, [])
    before = past(warehouse, relation)
    if before.last is not None and before.last.action in (PIN, REFUSE_PIN):
        raise ActionError.pinned(action, relation.name, before.last.version)
    passing = () if before.last is None else before.last.passing_versions
    reason = arguments.get("reason")
    is_forced = False
    version: int | None
    if action == RELEASE:
        sound = (one for one in sorted(passing, reverse=True) if damage(warehouse, relation, one) is None)
        version = next(sound, None)
        text = reason or "back to the gates"
    else:
        version = _target(relation.name, action, arguments.get("version"), before)
        is_forced = _check(
            warehouse, relation, action, version, before, bool(arguments.get("force")), versions
        )
        text = reason or (
            f"from version {before.champion}"
            if action == ROLLBACK and before.champion is not None
            else f"to version {version}"
        )
    last = before.last or Decision(relation.name, None, RELEASE, "")
    # An A/B test goes on until the next build judges it, unless its second version is the champion now.
    is_tried = last.challenger not in (None, version)
    decision = Decision(
        model_name=relation.name,
        version=version,
        action=action,
        reason=f"{action}{' (forced)' if is_forced else ''}: {text}",
        is_forced=is_forced,
        newest_version=versions[-1],
        passing_versions=tuple(passing),
        gates=last.gates,
        challenger=last.challenger if is_tried else None,
        challenger_share=last.challenger_share if is_tried else None,
    )
    kept = append(warehouse, relation, decision, invocation=invocation, folder=folder)
    return kept, sql_forms.write(warehouse, relation, version)


def argument_problems(action: str, arguments: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the arguments of an action; the model is known already."""
    allowed = [name for name in ARGUMENTS if action != RELEASE or name in ("model", "reason")]
    problems = [unknown_argument(name, allowed) for name in arguments if name not in allowed]
    version, reason, force = (arguments.get(name) for name in ("version", "reason", "force"))
    is_missing = version is None and (action == PROMOTE or "version" in arguments)
    is_number = isinstance(version, int) and not isinstance(version, bool) and version >= 1
    if action != RELEASE and (is_missing or (version is not None and not is_number)):
        rule = "the number of a version, for example version: 3"
        problems.append(argument_problem("version", version, rule))
    if reason is not None and (not isinstance(reason, str) or not reason.strip()):
        problems.append(argument_problem("reason", reason, "a text, for example reason: 'audit'"))
    if force is not None and not isinstance(force, bool):
        problems.append(argument_problem("force", force, "true or false"))
    return problems


def _target(model: str, action: str, version: int | None, before: Past) -> int:
    """Return the version that is to score: the one named, or the champion before the present one."""
    if version is not None:
        return version
    earlier = [one for one in before.champions if one != before.champion]
    if not earlier:
        raise ActionError.no_earlier_champion(model, before.champions)
    return earlier[0]


def _check(
    warehouse: Warehouse,
    relation: Relation,
    action: str,
    version: int,
    before: Past,
    force: bool,
    versions: Sequence[int],
) -> bool:
    """Return whether gates are overridden; versions that scored before need pass none again to be gone back to."""
    if version not in versions:
        raise ActionError.no_version(action, relation.name, version, versions)
    if (problem := damage(warehouse, relation, version)) is not None:
        raise ActionError.damaged(action, problem)
    passing = () if before.last is None else before.last.passing_versions
    is_refused = version not in passing and not (action == ROLLBACK and version in before.champions)
    if is_refused and not force:
        raise ActionError.does_not_pass(action, relation.name, version)
    return is_refused
