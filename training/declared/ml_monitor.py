"""The block ``config: meta: ml_monitor:`` of a model that monitors another one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field, TypeAdapter, ValidationInfo, field_validator

from training.data.column_types import is_text
from training.data.labels import class_text, live_label, positive_class
from training.declared.node import Node
from training.declared.problems import check, choice, problem, read, shown
from training.declared.schema import Name, Part, Scalar, Texts
from training.sql import quoted, text

BLOCK = "ml_monitor"
MATERIALIZATION = "ml_monitor"
CLASSES = ("multiclass", "clustering")
"""Tasks whose prediction is a class and not a number."""
RESERVED = re.compile("__(version|role|period_start|cell|live_row|slice_[0-9]+)$", re.IGNORECASE)
"""Columns that measuring adds to those of the query."""
OPPOSITE = {"0": "1", "1": "0", "false": "true", "true": "false"}
"""The other one of two labels that may be spelled in another way than in training."""
SEASONS = {"same_weekday": "day", "same_month": "month"}
"""What a period can be compared with beside the one before, and the period that it is for."""
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
NUMBERS = (*WHOLE, *(f"U{kind}" for kind in WHOLE), "BOOLEAN", "DOUBLE", "FLOAT", "DECIMAL")
INSTANTS = ("TIMESTAMP", "DATE")


class Limits(Part):
    """How large an effect must be, with its whole confidence interval, to count."""

    warn: float = Field(ge=0, le=100, examples=[0.1])
    """The effect above which the verdict is warn."""
    drift: float = Field(ge=0, le=100, examples=[0.25])
    """The effect above which the verdict is drift."""

    @field_validator("drift")
    @classmethod
    def _above_warn(cls, drift: float, info: ValidationInfo) -> float:
        if drift < info.data.get("warn", drift):
            check(problem(drift, "must be at least warn", "raise it or lower warn"))
        return drift


class Thresholds(Part):
    """The effects that count, by statistic."""

    psi: Limits = Field(Limits(warn=0.1, drift=0.25), examples=[{"warn": 0.1, "drift": 0.25}])
    """The population stability index."""
    null_share_change: Limits = Field(Limits(warn=0.05, drift=0.2), examples=[{"warn": 0.05, "drift": 0.2}])
    """The difference between the shares of rows without a value."""
    new_category_share: Limits = Field(Limits(warn=0.01, drift=0.1), examples=[{"warn": 0.01, "drift": 0.1}])
    """The share of rows whose category, or whose number among few, training did not see."""
    empty_bin_share: Limits = Field(Limits(warn=0.01, drift=0.1), examples=[{"warn": 0.01, "drift": 0.1}])
    """The share of the rows compared with in bins that no row is in now, though rows were to be expected."""


class MonitorSpec(Part):
    """What a monitor measures of which model."""

    model: Name = Field(examples=["churn"])
    """The model to monitor, by the name of its node."""
    period: Literal["day", "week", "month"] = Field("week", examples=["month"])
    """The length of a period, in UTC; a week begins on Monday."""
    slices: Texts = Field((), examples=[["region"]])
    """The columns on whose values everything is measured too, the 50 most frequent of each."""
    allow_pii: Texts = Field((), examples=[["postcode"]])
    """The slices that may hold personal data: columns marked `meta: {pii: true}`, and what is derived of them."""
    key: Name | None = Field(None, examples=["customer_id"])
    """The column that identifies a row; that of the model unless set."""
    time: Name | None = Field(None, examples=["predicted_at"])
    """The column with the instant that a row belongs to; the time column of the model unless set."""
    label: Name | None = Field(None, examples=["is_churned"])
    """The column with the label, null until it is known; that of the model unless set, which the query may
    lack."""
    prediction: Name = Field("prediction", examples=["probability"])
    """The column with the prediction: the probability or value, or the class of tasks multiclass and
    clustering."""
    probabilities: Name = Field("probabilities", examples=["class_probabilities"])
    """The column with the probability of every class, for task multiclass, which the query may lack."""
    model_version: Name = Field("model_version", examples=["version"])
    """The column with the version that gave the prediction."""
    min_rows: int = Field(200, ge=1, le=1000000000, examples=[500])
    """The rows below which the verdict is 'too few rows'."""
    compare_with: Literal["previous", "same_weekday", "same_month"] = Field(
        "previous", examples=["same_weekday"]
    )
    """The earlier period to compare with, beside the training rows: the one before, for days the same weekday a
    week before, for months the same month a year before."""
    thresholds: Thresholds = Field(Thresholds(), examples=[{"psi": {"warn": 0.2, "drift": 0.4}}])
    """The effects that count."""

    @field_validator("slices")
    @classmethod
    def _distinct(cls, slices: tuple[str, ...]) -> tuple[str, ...]:
        if len({name.lower() for name in slices}) < len(slices):
            check(problem(list(slices), "must be different columns", "remove the repeated ones"))
        return slices

    @field_validator("model")
    @classmethod
    def _model(cls, model: str, info: ValidationInfo) -> str:
        models = (info.context or {}).get("models")
        if models is not None:
            check(*choice(model, models, "the models of the project: "))
        return model

    @field_validator("compare_with")
    @classmethod
    def _season(cls, compare_with: str, info: ValidationInfo) -> str:
        period = info.data.get("period")
        if period and SEASONS.get(compare_with, period) != period:
            needed = SEASONS[compare_with]
            check(problem(compare_with, f"is for period {needed}", f"write period: {needed} or remove it"))
        return compare_with


def problems_of_monitors(nodes: Mapping[str, Node], models: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the blocks of monitors, as far as their queries are not needed.

    Parameters
    ----------
    nodes
        The monitors, by name.
    models
        The models of the project, by name.
    """
    for node in nodes.values():
        if node.materialized != MATERIALIZATION:
            yield node.sentence(
                f"materialized is {shown(node.materialized)}; a model with the block {BLOCK} must be {MATERIALIZATION}"
            )
        spec, problems = read(MonitorSpec, node.blocks.get(BLOCK, {}), BLOCK, models=models)
        yield from map(node.sentence, problems)
        if spec is not None and isinstance(model := models[spec.model], Mapping):
            yield from map(node.sentence, _missing(spec, _columns(spec, model)))


def read_monitor(request: str) -> str:
    """Return as JSON what a monitor measures, ``spec``, and all that is wrong with it, ``problems``.

    Parameters
    ----------
    request
        JSON of a mapping: ``node``, the fields of `Node`; ``models``, the block ``ml`` of every model of the
        project, by name; ``columns``, the type of each column of the monitor's query, by name.
    """
    fields = json.loads(request)
    node = Node(**fields["node"])
    spec, problems = read(MonitorSpec, node.blocks.get(BLOCK, {}), BLOCK, models=fields["models"])
    described: dict[str, Any] = {}
    if spec is not None:
        described = spec.model_dump() | _columns(spec, fields["models"][spec.model] or {})
        problems += _missing(spec, described)
        problems += _problems_of_columns(spec, described, fields["columns"])
    return json.dumps({"spec": described, "problems": [node.sentence(text) for text in problems]})


def _columns(spec: MonitorSpec, model: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the block leaves to the model's own."""
    defaults = {name: getattr(spec, name) or model.get(name) for name in ("key", "time", "label")}
    own = {name: model.get(name) for name in ("task", "weight", "positive", "shadow")}
    return {**defaults, **own, "model_time": model.get("time")}


def _missing(spec: MonitorSpec, described: Mapping[str, Any]) -> Iterator[str]:
    """Yield which columns neither the block nor that of the model names."""
    for name in ("key", "time"):
        if described[name] is None:
            yield f"{BLOCK}.{name} is missing: name the column, as model {spec.model} has none of its own"


def _problems_of_columns(
    spec: MonitorSpec, described: dict[str, Any], types: Mapping[str, str]
) -> Iterator[str]:
    """Yield what of the query does not fit, and spell the columns in the description as the query does."""
    spelled = {name.lower(): name for name in types}
    listed = ", ".join(types)
    required = ["key", "time", "prediction", "model_version", *(["label"] if spec.label else [])]
    for name in required:
        column = described[name]
        if column is not None and str(column).lower() not in spelled:
            yield _not_there(name, column, listed)
    for column in filter(RESERVED.match, types):
        yield f"column {column} of the query has a name that measuring adds: rename it"
    for column in spec.slices:
        if column.lower() not in spelled:
            yield _not_there("slices", column, listed)
    for name in (*required, "label", "model_time", "weight", "probabilities"):
        described[name] = spelled.get(str(described[name] or "").lower())
    described["label_value"] = _label_value(described, types)
    described |= _labels_checked(described, types)
    prediction = described["prediction"]
    described["prediction_text"] = (
        class_text(quoted(prediction), types[prediction].lower())
        if prediction and described["task"] in CLASSES
        else None
    )
    described["slices"] = [spelled[column.lower()] for column in spec.slices if column.lower() in spelled]
    kinds = {name: types[described[name]] for name in required if described[name]}
    if "time" in kinds and not kinds["time"].startswith(INSTANTS):
        yield _mistyped("time", described["time"], kinds["time"], "a timestamp or date")
    if "model_version" in kinds and not _is_number(kinds["model_version"]):
        yield _mistyped("model_version", described["model_version"], kinds["model_version"], "a whole number")
    if "prediction" in kinds and described["task"] not in CLASSES and not _is_number(kinds["prediction"]):
        yield _mistyped("prediction", described["prediction"], kinds["prediction"], "a number")


def _label_value(described: Mapping[str, Any], types: Mapping[str, str]) -> str | None:
    """Return SQL for the label as metrics take it; None where the query has none."""
    label, positive = described["label"], described["positive"]
    if label is None:
        return None
    positive = None if positive is None else TypeAdapter(Scalar).validate_python(positive)
    return live_label(described["task"], positive, label, types[label])


def _labels_checked(described: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, str | None]:
    """Return SQL for the label as text, and for the texts that are labels beside the names of the model's classes."""
    label, positive = described["label"], described["positive"]
    if label is None or described["task"] not in ("binary", "anomaly", "multiclass"):
        return {"label_text": None, "known_labels": None}
    kind = types[label].lower()
    known = [] if described["task"] == "multiclass" else ["0", "1", "false", "true"]
    if positive is not None:
        name = positive_class(TypeAdapter(Scalar).validate_python(positive), kind)
        known = [name] if is_text(kind) or name not in OPPOSITE else [name, OPPOSITE[name]]
    return {"label_text": class_text(quoted(label), kind), "known_labels": f"[{', '.join(map(text, known))}]"}


def _not_there(key: str, column: str, listed: str) -> str:
    return (
        f"{BLOCK}.{key}: column {column} is not in the query; select it, or name one of its columns: {listed}"
    )


def _mistyped(key: str, column: str, kind: str, rule: str) -> str:
    return f"{BLOCK}.{key}: column {column} is of type {kind}; it must be {rule}"


def _is_number(kind: str) -> bool:
    return kind.partition("(")[0] in NUMBERS
