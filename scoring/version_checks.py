"""Whether the values of a version row can be what training wrote; the first that cannot is reported.

A digest says that a row was altered, these checks say where. They also cover rows without a digest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any, TypeGuard, get_args

from scoring.errors import VersionRowError
from scoring.signature import RULES, FeatureType

TASKS = ("binary", "multiclass", "regression", "clustering", "anomaly")
TYPES = get_args(FeatureType)
_SHA256 = re.compile("[0-9a-f]{64}")
Problem = tuple[str, object, str]
"""The column and field, the value, and the rule that it breaks."""


def check_row(model: str, version: object, values: Mapping[str, Any]) -> None:
    """Check the columns that every use of a version reads.

    Raises
    ------
    scoring.errors.VersionRowError
        If one of them is null or not what training writes.
    """
    problem = next(_problems(model, values), None)
    if problem is not None:
        raise VersionRowError.wrong(model, version, *problem)


def check_filled(model: str, version: object, values: Mapping[str, Any], paths: Iterable[str]) -> None:
    """Check that columns, and fields in them, are not null.

    Parameters
    ----------
    paths
        Such as ``training_snapshot.features[].name``: of each element of a list, a field.

    Raises
    ------
    scoring.errors.VersionRowError
        If one is null.
    """
    for path in paths:
        if any(value is None for value in _at(values, path.split("."))):
            raise VersionRowError.null(model, version, path.replace("[]", ""))


def _at(value: Any, path: list[str]) -> Iterator[Any]:
    """Yield every value at a path; None where something on the way is null or missing."""
    if not path or value is None:
        yield value
        return
    name = path[0].removesuffix("[]")
    inner = value.get(name)
    parts = inner if path[0].endswith("[]") and inner is not None else [inner]
    for part in parts:
        yield from _at(part, path[1:])


def _problems(model: str, values: Mapping[str, Any]) -> Iterator[Problem]:
    name, version, task = values["model_name"], values["version"], values["task"]
    if not isinstance(name, str) or name.lower() != model.lower():
        yield "model_name", name, f"'{model}', the name of the table"
    if not isinstance(version, int) or version < 1:
        yield "version", version, "a whole number from 1 on"
    sha = values["artifact_sha256"]
    if not isinstance(sha, str) or not _SHA256.fullmatch(sha):
        yield "artifact_sha256", sha, "a SHA-256, 64 hexadecimal digits"
    if task not in TASKS:
        yield "task", task, f"one of {', '.join(TASKS)}"
    if not isinstance(values["estimator"], str | None):
        yield "estimator", values["estimator"], "the name of an estimator"
    yield from _signature_problems(values["signature"], task)


def _signature_problems(signature: Any, task: str) -> Iterator[Problem]:
    if not isinstance(signature, Mapping):
        yield "signature", signature, "a struct of features, outputs, classes and threshold"
        return
    features = signature.get("features")
    if not isinstance(features, list) or not features:
        yield "signature.features", features, "a list of at least one feature"
        return
    names = set[str]()
    for number, feature in enumerate(features, 1):
        for field, value, rule in _feature_problems(feature, names):
            yield f"signature.features[{number}]{field}", value, rule
        names.add(feature["name"].lower())
    outputs = signature.get("outputs")
    named = [part.get("name") for part in outputs or () if isinstance(part, Mapping)]
    if (
        not isinstance(outputs, list)
        or len(named) < len(outputs)
        or not {"raw_score", "prediction"} <= {*named}
    ):
        yield "signature.outputs", outputs, "a list with raw_score and prediction"
    classes = signature.get("classes")
    if not _are_texts(classes):
        yield "signature.classes", classes, "a list of different texts"
    elif task in ("multiclass", "clustering") and classes == []:
        yield "signature.classes", classes, f"a list with the classes of the task {task}"
    elif task == "binary" and len(classes) not in (0, 2):
        yield "signature.classes", classes, "the two classes of the task binary"
    threshold = signature.get("threshold")
    if not _is_number(threshold) and (task == "anomaly" or threshold is not None):
        yield "signature.threshold", threshold, "a number"


def _feature_problems(feature: Any, names: set[str]) -> Iterator[Problem]:
    if not isinstance(feature, Mapping):
        yield "", feature, "a struct"
        return
    name, kind, unseen = feature.get("name"), feature.get("type"), feature.get("unseen")
    if not isinstance(name, str) or not name:
        yield ".name", name, "the name of a column"
    elif name.lower() in names:
        yield ".name", name, "different from the other names"
    if kind not in TYPES:
        yield ".type", kind, f"one of {', '.join(TYPES)}"
    if feature.get("nulls") not in RULES:
        yield ".nulls", feature.get("nulls"), f"one of {', '.join(RULES)}"
    if unseen not in RULES and (kind == "category" or unseen is not None):
        yield ".unseen", unseen, f"one of {', '.join(RULES)}"
    for field in ("null_value", "unseen_value"):
        if feature.get(field) is not None and not _is_number(feature[field]):
            yield f".{field}", feature[field], "a number or null"
    categories = feature.get("categories")
    if not _are_texts(categories):
        yield ".categories", categories, "a list of different texts"


def _are_texts(value: Any) -> TypeGuard[list[str]]:
    return (
        isinstance(value, list)
        and all(isinstance(part, str) for part in value)
        and len({*value}) == len(value)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool) and isfinite(value)
