"""What a model's block ``config: meta: ml:`` says, as one frozen value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, ValidationInfo, field_validator

from training.declared.gates import Gate, Gates
from training.declared.parts import (
    CONSTANT,
    DUPLICATE,
    LARGEST_ALONE,
    LEAKING,
    REASONS,
    UNINFORMATIVE,
    FeatureRules,
    Pin,
    SelectionSpec,
    Slice,
    SplitSpec,
    Trial,
)
from training.declared.problems import MISSING, ROOT, check, choice, problem
from training.declared.retention import Retention
from training.declared.retrain import Retrain
from training.declared.schema import Listed, Name, Part, Scalar, Texts, options
from training.declared.settings import read_params
from training.declared.tuning import AUTO, LARGEST_SECONDS, TuningSpec, automatic, tuned
from training.estimators import ESTIMATORS
from training.estimators.base import Setting
from training.tuning.objectives import OBJECTIVES

__all__ = [
    "AUTO",
    "CONSTANT",
    "DUPLICATE",
    "LARGEST_ALONE",
    "LEAKING",
    "REASONS",
    "UNINFORMATIVE",
    "FeatureRules",
    "Gate",
    "ModelSpec",
    "Pin",
    "SelectionSpec",
    "Slice",
    "SplitSpec",
    "Trial",
    "TuningSpec",
]

DEFAULT_ESTIMATORS = {"clustering": "kmeans", "anomaly": "isolation_forest"}
NEED_AN_ESTIMATOR = {"estimator", "params", "tuning"}
"""Keys that belong to one estimator; without them and monotone, few rows may have a simpler one."""
CLASSIFYING = ("binary", "multiclass")
SUPERVISED = (*CLASSIFYING, "regression")
NAMED = tuple(ESTIMATORS)
ITS_OWN = tuple(name for name in (*NAMED, AUTO) if name != "onnx")
"""The estimators whose features are those of the query, and not those of a file."""
EFFECTS: tuple[tuple[str, str, Sequence[str], str], ...] = (
    ("label", "task", (*SUPERVISED, "anomaly"), "has no effect in task {}: remove it"),
    ("positive", "task", ("binary", "anomaly"), "is for labels of two classes, not for task {}: remove it"),
    ("class_weight", "task", CLASSIFYING, "is for tasks binary and multiclass: remove it"),
    ("must_beat_constant", "task", SUPERVISED, "has no effect in task {}, without a baseline: remove it"),
    (
        "select_features",
        "estimator",
        ITS_OWN,
        "has no effect with {}, whose file has the features: remove it",
    ),
    ("params", "estimator", NAMED, "has no effect with estimator {}: remove it or name an estimator"),
    ("tuning", "estimator", NAMED, "has no effect with estimator {}: remove it or name an estimator"),
    ("tuning", "task", tuple(OBJECTIVES), f"is for the tasks {', '.join(OBJECTIVES)}: remove it"),
    ("distributed", "estimator", ("lightgbm",), "is for estimator lightgbm, not for {}: remove it"),
    ("time_budget_seconds", "estimator", (AUTO,), "is for estimator auto: write tuning.timeout_seconds"),
)
"""Keys that have an effect only where another key has one of some values, and the rule that they break."""


def _of_name(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


def _of_flag(value: object) -> object:
    return ({} if value else None) if isinstance(value, bool) else value


def _tuning(value: object, info: ValidationInfo) -> TuningSpec | None:
    """Return how the model is tuned; with estimator auto also where the block does not say so."""
    task, estimator = info.data.get("task"), info.data.get("estimator")
    if task and task in OBJECTIVES and estimator == AUTO:
        return automatic(task, info.data.get("time_budget_seconds"))
    block = None if value is None else TuningSpec.model_validate(value)
    if block is None or task is None or estimator is None:
        return None
    return tuned(block, task, estimator, info.data.get("params"), is_trained=_is_trained(info))


def _is_trained(info: ValidationInfo) -> bool:
    return bool((info.context or {}).get("is_trained"))


class ModelSpec(Part):
    """Everything that a model's configuration says, defaults of its task included.

    A validator sees the keys above its own, as far as they are right; so each rule stands at the last of
    the keys that it compares.
    """

    task: Literal["binary", "multiclass", "regression", "clustering", "anomaly"] = Field(examples=["binary"])
    """The kind of prediction."""
    key: Name = Field(examples=["customer_id"])
    """The column that identifies a row."""
    split: SplitSpec = Field(examples=[{"method": "random", "validation": 0.1, "test": 0.2}])
    """The way in which rows are divided into train, validation and test."""
    label: Name | None = Field(None, examples=["is_churned"])
    """The label column: what to predict. For task anomaly, the column that marks known anomalies, if there
    is one; task clustering has none."""
    positive: Scalar | None = Field(None, examples=["late"])
    """The value of the label that counts as positive, for tasks binary and anomaly; true or 1 unless set."""
    time: Name | None = Field(None, examples=["predicted_at"])
    """The column that holds the time of prediction; required for split method sequential."""
    estimator: str = Field("", examples=["random_forest"], json_schema_extra=options((*ESTIMATORS, AUTO)))
    """What is fitted: lightgbm unless set, kmeans for task clustering, isolation_forest for task anomaly.
    auto averages several, and also learns from the validation rows where no gate asks for them."""
    monotone: dict[str, Literal["increasing", "decreasing"]] = Field({}, examples=[{"amount": "increasing"}])
    """By feature, whether the score may only rise or only fall with it, in lightgbm."""
    params: dict[str, Any] = Field({}, examples=[{"num_leaves": 15, "learning_rate": 0.1}])
    """Settings of the estimator, listed for each one below."""
    distributed: bool | None = Field(None, examples=[True])
    """On Spark, whether lightgbm is trained in the executors; where there are more than 5,000,000 training rows unless
    set. On DuckDB it has no effect."""
    seed: int = Field(1, ge=0, le=2**31 - 1, examples=[7])
    """The seed of every random choice."""
    weight: Name | None = Field(None, examples=["exposure"])
    """The column that weighs the rows."""
    class_weight: Literal["balanced"] | None = Field(None, examples=["balanced"])
    """Gives every class the same total weight in training; for tasks binary and multiclass."""
    sliced: Listed[Annotated[Slice, BeforeValidator(_of_name, json_schema_input_type=Name | Slice)]] = Field(
        (), alias="slices", examples=[["region", {"column": "sex", "feature": False}]]
    )
    """The columns by whose values metrics are also measured."""
    features: dict[str, FeatureRules] = Field({}, examples=[{"age": {"nulls": "constant", "constant": 0}}])
    """What null and an unseen category mean, by feature; the others have the usual rules."""
    selection: Annotated[
        SelectionSpec | None, BeforeValidator(_of_flag, json_schema_input_type=bool | SelectionSpec)
    ] = Field(None, alias="select_features", examples=[True])
    """Whether features are dropped that do not help, and how that is decided."""
    time_budget_seconds: float | None = Field(None, ge=1, le=LARGEST_SECONDS, examples=[60])
    """How long estimator auto tries; 300 unless set."""
    tuning: Annotated[TuningSpec | None, PlainValidator(_tuning, json_schema_input_type=TuningSpec)] = Field(
        None, examples=[{"trials": 30}]
    )
    """How settings are searched for on the validation rows; none are unless set."""
    shadow: bool = Field(False, examples=[True])
    """Whether the newest version, where it is not the champion, scores the rows of the model's monitors beside
    it."""
    ab_test: Trial | None = Field(None, examples=[{"version": 2, "share": 0.1}])
    """A second version that scores a share of the rows that predict is given with a key."""
    gates: Listed[Gates] = Field((), examples=[[{"metric": "roc_auc", "min": 0.7}]])
    """The rules that a version must meet to score."""
    must_beat_constant: bool = Field(True, examples=[False])
    """Whether a version that is no better than a constant is refused; not for tasks clustering and
    anomaly."""
    allow_pii: Texts = Field((), examples=[["postcode"]])
    """The columns of the training query that may hold personal data: those marked `meta: {pii: true}`, and what is
    derived of them."""
    pin: Pin | None = Field(None, examples=[{"version": 1, "reason": "audit"}])
    """A version that is champion whatever is trained later."""
    retrain: Retrain = Field(None, examples=[{"max_age": "30 days", "drift": 3}, "never"])
    """When a build trains the model anew although only its data have changed, or never; whenever they have
    unless set."""
    retention: Retention = Field(None, examples=[{"keep": 5, "max_age": "180 days"}])
    """Which old versions lose their artifacts when the model is built; none unless set."""
    renamed_from: Name | None = Field(None, examples=["customer_churn"])
    """The name that the model had before, whose versions, decisions and monitoring it takes over."""

    @property
    def slices(self) -> tuple[str, ...]:
        """The columns by whose values metrics are also measured."""
        return tuple(each.column for each in self.sliced)

    @property
    def not_features(self) -> tuple[str, ...]:
        """Those of the slices that the model does not learn from."""
        return tuple(each.column for each in self.sliced if not each.feature)

    @property
    def may_be_simpler(self) -> bool:
        """Whether no estimator is named, nor settings of one, so that few rows may have a simpler one."""
        return self.task in SUPERVISED and not (self.model_fields_set & NEED_AN_ESTIMATOR or self.monotone)

    def roles(self) -> dict[str, str]:
        """Return what each column is to the model, by name, features that are nothing else aside."""
        named = {
            self.label: "label",
            self.key: "key",
            self.time: "time",
            self.weight: "weight",
            self.split.column: "split column",
        }
        return {column: role for column, role in named.items() if column is not None}

    @field_validator("*", mode="before")
    @classmethod
    def _effect(cls, value: object, info: ValidationInfo) -> object:
        """Refuse keys that have no effect beside another one."""
        key = cls.model_fields[info.field_name or ""].alias or info.field_name
        for name, other, values, rule in EFFECTS:
            is_written = name == key and key in (info.context or {}).get("keys", ())
            if is_written and info.data.get(other, values[0]) not in values:
                check(problem(value, rule.format(info.data[other])))
        return value

    @field_validator("label", "time")
    @classmethod
    def _required(cls, column: str | None, info: ValidationInfo) -> str | None:
        task, split = info.data.get("task"), info.data.get("split")
        is_required = (
            task in SUPERVISED if info.field_name == "label" else split and split.method == "sequential"
        )
        if column is None and is_required:
            check(((), MISSING))
        return column

    @field_validator("estimator")
    @classmethod
    def _estimator(cls, estimator: str, info: ValidationInfo) -> str:
        task = info.data.get("task", "")
        if not estimator:
            return DEFAULT_ESTIMATORS.get(task, "lightgbm")
        # Only a wrong name makes all libraries be imported.
        is_right = (estimator == AUTO and task in SUPERVISED) or (
            estimator in ESTIMATORS and (_is_trained(info) or task in ESTIMATORS[estimator].tasks)
        )
        if task and not is_right:
            suitable = [name for name, each in ESTIMATORS.items() if task in each.tasks]
            check(*choice(estimator, [*suitable, *([AUTO] if task in SUPERVISED else [])]))
        return estimator

    @field_validator("monotone")
    @classmethod
    def _monotone(cls, monotone: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        estimator = info.data.get("estimator")
        if monotone and estimator and not _is_trained(info):
            able = [name for name, each in ESTIMATORS.items() if each.is_monotone]
            if estimator not in able:
                remedy = "remove it or change the estimator"
                check(problem(monotone, f"is for the estimator {' or '.join(able)}", remedy))
        return monotone

    @field_validator("params")
    @classmethod
    def _params(cls, params: dict[str, Any], info: ValidationInfo) -> dict[str, Setting]:
        task, estimator = info.data.get("task"), info.data.get("estimator")
        if not params or not task or not estimator or _is_trained(info):
            return params
        return read_params(params, task, estimator, is_monotone=bool(info.data.get("monotone")))

    @field_validator("weight")
    @classmethod
    def _weight(cls, weight: str | None, info: ValidationInfo) -> str | None:
        split = info.data.get("split")
        named = {key: info.data.get(key) for key in ("label", "key", "time")}
        named |= {"weight": weight, "split.column": split.column if split else None}
        first: dict[str, str] = {}
        problems = []
        for key, column in named.items():
            if column is not None and (other := first.setdefault(column.lower(), key)) != key:
                rule = f"is a column that {other} names already"
                at = (ROOT, *key.split("."))
                problems.append(problem(column, rule, "name another column", at=at))
        check(*problems)
        return weight

    @field_validator("class_weight")
    @classmethod
    def _class_weight(cls, class_weight: str | None, info: ValidationInfo) -> str | None:
        if class_weight and info.data.get("weight"):
            check(problem(class_weight, "conflicts with weight", "remove one of them"))
        return class_weight

    @field_validator("selection")
    @classmethod
    def _selection(cls, selection: SelectionSpec | None, info: ValidationInfo) -> SelectionSpec | None:
        task = info.data.get("task")
        return selection.for_task(task) if selection and task else selection

    @field_validator("tuning")
    @classmethod
    def _tuning_rows(cls, tuning: TuningSpec | None, info: ValidationInfo) -> TuningSpec | None:
        split = info.data.get("split")
        if tuning and info.data.get("distributed"):
            rule = "conflicts with tuning, which holds all rows in one process"
            check(problem(True, rule, "remove one of them", at=(ROOT, "distributed")))
        if tuning and split and split.method != "custom" and not split.validation:
            rule = "must be above 0, as there must be rows to tune on or to choose an estimator by"
            check(problem(split.validation, rule, "write 0.2", at=(ROOT, "split", "validation")))
        return tuning
