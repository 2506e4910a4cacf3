"""What each column of a training query is to the model, and whether its type fits."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from scoring.errors import hint, listed
from training.data.column_types import (
    BOOLEAN,
    INSTANT_TYPES,
    NESTED_TYPES,
    NUMBER_TYPES,
    TEXT_TYPES,
    TIME_TYPES,
)
from training.data.feature_rules import rule_problem
from training.declared.spec import Gate, ModelSpec
from training.errors import DatasetError
from training.sql import quoted

LABEL_TYPES = {
    "binary": (NUMBER_TYPES, "boolean or numeric, or text with `positive`,"),
    "anomaly": (NUMBER_TYPES, "boolean or numeric, or text with `positive`,"),
    "multiclass": (NUMBER_TYPES | TEXT_TYPES, "text, boolean or numeric"),
    "regression": (NUMBER_TYPES - {BOOLEAN}, "numeric"),
}


def name_problems(columns: Sequence[str], reserved: Container[str]) -> Iterator[str]:
    """Yield what is wrong with the names of columns, which DuckDB compares without regard to case."""
    spellings: dict[str, list[str]] = {}
    for name in columns:
        spellings.setdefault(name.lower(), []).append(name)
    repeated = [names for names in spellings.values() if len(names) > 1]
    if repeated:
        example = quoted(repeated[0][1])
        yield (
            f"{listed(names[0] for names in repeated)} {'is' if len(repeated) == 1 else 'are'} in the query "
            f"more than once, and upper and lower case are the same; select each column once, for example by "
            f"`b.* exclude ({example})`."
        )
    for name in columns:
        if name.lower() in reserved:
            yield f"column '{name}' has a name that is reserved for training; rename it in the query."


def as_spelled(spec: ModelSpec, columns: Iterable[str], model_name: str) -> ModelSpec:
    """Return the spec with every column spelled as the relation spells it.

    Raises
    ------
    training.errors.DatasetError
        If columns are missing; one error tells all of them.
    """
    spelled = {name.lower(): name for name in columns}
    wanted = [(role, column) for column, role in spec.roles().items()]
    wanted += [("slice column", column) for column in spec.slices]
    wanted += [("monotone feature", column) for column in spec.monotone]
    wanted += [("feature with rules of its own", column) for column in spec.features]
    wanted += [("feature to keep", column) for column in (spec.selection.keep if spec.selection else ())]
    problems = [
        f"column '{name}', the model's {role}, must be in the query; found {listed(spelled.values())}; "
        f"select it or correct the configuration.{hint(name, spelled.values())}"
        for role, name in wanted
        if name.lower() not in spelled
    ]
    if problems:
        raise DatasetError.from_problems(model_name, problems)

    def named(column: str | None) -> str | None:
        return None if column is None else spelled[column.lower()]

    def listing(columns: Iterable[str]) -> tuple[str, ...]:
        return tuple(spelled[column.lower()] for column in columns)

    def gate(declared: Gate) -> Gate:
        return replace(declared, slices=listing(declared.slices))

    return spec.model_copy(
        update={
            **{role: named(getattr(spec, role)) for role in ("label", "key", "time", "weight")},
            "split": spec.split.model_copy(update={"column": named(spec.split.column)}),
            "sliced": tuple(each.model_copy(update={"column": named(each.column)}) for each in spec.sliced),
            "monotone": {spelled[column.lower()]: way for column, way in spec.monotone.items()},
            "features": {spelled[column.lower()]: rules for column, rules in spec.features.items()},
            "selection": spec.selection
            and spec.selection.model_copy(update={"keep": listing(spec.selection.keep)}),
            "gates": tuple(gate(declared) for declared in spec.gates),
        }
    )


def feature_types(spec: ModelSpec, types: Mapping[str, str]) -> dict[str, str]:
    """Return the columns that the model learns from, and their types."""
    others = {*spec.roles(), *spec.not_features}
    return {name: kind for name, kind in types.items() if name not in others}


def type_problems(spec: ModelSpec, types: Mapping[str, str], features: Mapping[str, str]) -> dict[str, str]:
    """Return the columns that have a wrong type, and what is wrong."""
    problems = {}
    single = {spec.key: "key"} | dict.fromkeys(spec.slices, "slice column")
    for name, role in single.items():
        if types[name] in NESTED_TYPES:
            problems[name] = (
                f"{role} '{name}' must hold single values; found type {types[name]}; select one of its "
                "elements, or cast it to varchar in the query."
            )
    if spec.label:
        allowed, expected = LABEL_TYPES[spec.task]
        if spec.positive is not None:
            allowed = NUMBER_TYPES | TEXT_TYPES
        if types[spec.label] not in allowed:
            remedy = "say which value counts as positive, for example `positive: late`"
            if spec.task in ("multiclass", "regression") or types[spec.label] not in TEXT_TYPES:
                remedy = "cast it in the query or choose another task"
            problems[spec.label] = (
                f"label '{spec.label}' must be {expected} for task {spec.task}; found type {types[spec.label]}; "
                f"{remedy}."
            )
    if spec.time and types[spec.time] not in TIME_TYPES:
        problems[spec.time] = (
            f"time '{spec.time}' must be a date or a timestamp in UTC; found type {types[spec.time]}; "
            "cast it to timestamp in the query."
        )
    if spec.weight and types[spec.weight] not in NUMBER_TYPES - {BOOLEAN}:
        problems[spec.weight] = (
            f"weight '{spec.weight}' must be numeric; found type {types[spec.weight]}; cast it in the query."
        )
    for name, kind in features.items():
        if kind not in NUMBER_TYPES | TEXT_TYPES | INSTANT_TYPES:
            problems[name] = (
                f"feature '{name}' must be a number, a boolean, text, a date or a timestamp; found type "
                f"{kind}; leave it out of the query or derive a number from it."
            )
        elif name in spec.monotone and kind not in NUMBER_TYPES:
            problems[name] = (
                f"feature '{name}' must be a number to be monotone; found type {kind}; remove it from "
                "monotone or derive a number from it."
            )
        elif name in spec.features and (problem := rule_problem(name, kind, spec.features[name])):
            problems[name] = problem
    named = (
        ("monotone", "to be monotone", spec.monotone),
        ("features", "to have rules for null and unseen", spec.features),
        ("select_features.keep", "to be kept", spec.selection.keep if spec.selection else ()),
    )
    for key, purpose, columns in named:
        for name in set(columns) - features.keys():
            problems[name] = (
                f"column '{name}' must be a feature {purpose}; found it in the role of "
                f"{spec.roles().get(name, 'slice column')}; remove it from {key}."
            )
    if not features:
        problems[""] = (
            f"there must be at least one feature besides {listed(spec.roles())}; found {listed(types)}; "
            "select the features in the query."
        )
    return problems
