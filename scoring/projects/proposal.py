"""What a model of a table is to be: label, task, key, time, and the columns to leave out, each with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from shlex import quote

import duckdb

from scoring.errors import TableError
from scoring.projects import labels
from scoring.projects.leaks import leaking
from scoring.projects.origins import Origin, plain_name
from scoring.projects.profile import SAMPLE, Column, Profile
from scoring.projects.roles import bad_key, choose_key, choose_time, is_missing_a_class
from scoring.projects.texts import RESERVED
from scoring.projects.words import comes_later, free_name, is_key_name, words

FEWEST_ROWS = 50
"""Training demands as many."""
MOST_CATEGORIES = 100
"""An identifier of fewer values, as of a shop, is a category like others."""
NONE = "none"
"""What options say for no key and no time."""


@dataclass(frozen=True)
class Choices:
    """What the user has decided; None and empty for what is left to the proposal."""

    label: str | None = None
    task: str | None = None
    positive: str | None = None
    key: str | None = None
    time: str | None = None
    exclude: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    name: str | None = None


@dataclass(frozen=True)
class Proposal:
    """A model of a table.

    Parameters
    ----------
    key, time
        None for a key that is made of each row's values, and for a random split.
    left_out
        Columns that the model does not see, with the reason.
    personal
        Those of all columns that are likely to hold personal data, with the reason.
    features
        Columns that the model learns from.
    notes
        What else a user should know, one sentence each.
    """

    origin: Origin
    profile: Profile
    name: str
    task: str
    label: Column
    positive: str | None
    key: str | None
    time: str | None
    left_out: Mapping[str, str]
    personal: Mapping[str, str]
    features: tuple[str, ...]
    notes: tuple[str, ...]


def propose(
    connection: duckdb.DuckDBPyConnection, origin: Origin, profile: Profile, choices: Choices
) -> Proposal:
    """Return a model of the table that is looked at.

    Raises
    ------
    scoring.errors.TableError
        If a choice does not fit, no label is clear, or nothing is left to learn from.
    """
    chosen = _spelled(profile, choices)
    if not profile.rows:
        raise TableError.no_rows(origin.shown)
    label = labels.counted(connection, labels.choose(profile, chosen.label), profile.rows)
    rows = profile.rows - label.nulls
    if rows < FEWEST_ROWS:
        raise TableError.few_rows(origin.shown, rows, FEWEST_ROWS)
    task = labels.task_of(connection, label, rows, chosen.task)
    positive = labels.positive_of(connection, label, task, chosen.positive)

    notes: list[str] = []
    others = [column for column in profile.columns if column.name != label.name]
    personal = {
        column.name: column.personal
        for column in others
        if column.personal and column.name not in chosen.keep
    }
    safe = [column for column in others if column.name not in personal]
    key = _key(connection, profile, safe, chosen.key)
    if key is None:
        notes.append(_without_key(profile, personal))
    left_out = _left_out(connection, profile, label, others, key, task, chosen)
    time = choose_time(profile, [column for column in safe if column.name not in left_out], chosen.time)
    if time is not None and chosen.time is None and is_missing_a_class(connection, label, time, task):
        notes.append(f"the split is random: early rows by {time} lack classes that later rows have")
        time = None
    if time is not None:
        left_out.pop(time, None)
    roles = {label.name, key, time}
    features = tuple(column.name for column in others if column.name not in {*left_out, *roles})
    if not features:
        raise TableError.no_features(label.name)
    if label.nulls:
        notes.append(f"{label.nulls:,} rows without a label are scored and not learnt from")
    name = choices.name or _name(origin, label)
    return Proposal(
        origin, profile, name, task, label, positive, key, time, left_out, personal, features, tuple(notes)
    )


def _spelled(profile: Profile, choices: Choices) -> Choices:
    """Return the choices with every column as the table spells it."""

    def column(option: str, name: str | None) -> str | None:
        same = profile.column(name) if name is not None else None
        if name is None or (same is None and option in ("--key", "--time") and name == NONE):
            return name
        if same is None:
            raise TableError.no_such_column(option, name, profile.names)
        return same.name

    roles = {option: column(f"--{option}", getattr(choices, option)) for option in ("label", "key", "time")}
    exclude = tuple(str(column("--exclude", name)) for name in choices.exclude)
    keep = tuple(str(column("--keep", name)) for name in choices.keep)
    used: dict[str, str] = {}
    for option, name in roles.items():
        if name is not None and name != NONE:
            if name in used:
                raise TableError.role_conflict(name, f"the {used[name]}", f"the {option}")
            used[name] = option
    for name in exclude:
        if name in keep:
            raise TableError.role_conflict(name, "excluded", "kept")
        if used.get(name) in ("label", "key", "time"):
            raise TableError.role_conflict(name, f"the {used[name]}", "excluded")
    return replace(choices, **roles, exclude=exclude, keep=keep)


def _key(
    connection: duckdb.DuckDBPyConnection, profile: Profile, columns: Sequence[Column], chosen: str | None
) -> str | None:
    if chosen == NONE and profile.column(NONE) is None:
        return None
    if chosen is not None:
        column = profile.column(chosen)
        if column is not None and (problem := bad_key(connection, profile, column)):
            raise TableError.bad_key(chosen, *problem)
        return chosen
    return choose_key(profile, columns)


def _without_key(profile: Profile, personal: Mapping[str, str]) -> str:
    """Return why the key is made of values: a personal column may identify rows, and is not taken by itself."""
    unique = choose_key(profile, [column for column in profile.columns if column.name in personal])
    if unique is None:
        return "no column identifies a row, so that the key is made of each row's values"
    return (
        f"{unique} identifies rows but looks like personal data, so that the key is made of each row's values: "
        f"--key {quote(unique)} takes it"
    )


def _left_out(
    connection: duckdb.DuckDBPyConnection,
    profile: Profile,
    label: Column,
    columns: Sequence[Column],
    key: str | None,
    task: str,
    choices: Choices,
) -> dict[str, str]:
    """Return the columns that a model must not see, or has no use for, with the reason."""
    reasons: dict[str, str] = dict.fromkeys(choices.exclude, "excluded")
    rest = [
        column
        for column in columns
        if column.name not in (*reasons, *choices.keep, key, choices.time) and column.is_learnable
    ]
    alone = leaking(connection, SAMPLE, label, rest, is_number=task == "regression")
    tests: tuple[Callable[[Column], str | None], ...] = (
        lambda column: f"personal data: {column.personal}" if column.personal else None,
        lambda column: _leak(column.name, label.name, alone),
        lambda column: None if column.is_learnable else f"a model cannot learn from {column.type}",
        lambda column: "without a value" if not column.distinct else None,
        lambda column: "another identifier" if _is_identifier(profile, column) else None,
    )
    for column in columns:
        if column.name in reasons or column.name in (key, choices.time):
            continue
        if column.name in choices.keep and column.is_learnable:
            continue
        reason = next(filter(None, (test(column) for test in tests)), None)
        if reason:
            reasons[column.name] = reason
    return reasons


def _leak(name: str, label: str, alone: Mapping[str, float]) -> str | None:
    if name in alone:
        return f"leakage suspect: alone it explains {alone[name]:.1%} of {label}"
    if comes_later(name, label):
        return "leakage suspect: by its name it is known with the label or later"
    return None


def _is_identifier(profile: Profile, column: Column) -> bool:
    if column.kind == "text":
        is_text_of_its_own = column.distinct > 0.9 * (profile.rows - column.nulls) > 0
        return is_text_of_its_own or (is_key_name(column.name) and _repeats(profile, column))
    if not is_key_name(column.name) or column.kind != "whole":
        return False
    return profile.is_unique(column) or _repeats(profile, column)


def _repeats(profile: Profile, column: Column) -> bool:
    """Return whether an identifier, as of a customer with several rows, has too many values to learn from."""
    return column.distinct > max(MOST_CATEGORIES, 0.05 * profile.rows)


def _name(origin: Origin, label: Column) -> str:
    """Return a name for the model: what is to be predicted, and of what where that says little."""
    parts = [word for word in words(label.name) if word not in ("is", "has", "target", "label")]
    stem = plain_name("_".join(parts))
    if len(stem) < 3 or stem in ("class", "outcome", "response", "value"):
        stem = plain_name(f"{origin.name}_{stem}") if stem else f"{origin.name}_model"
    taken = {origin.name, origin.name.removesuffix("_rows"), origin.name.removesuffix("_predictions")}
    return free_name(stem, taken | RESERVED, "_model")
