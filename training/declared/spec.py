"""What a model's block ``config: meta: ml:`` says, as one frozen value."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, ValidationInfo, field_validator

from training.declared.gates import WITHOUT_BASELINE, Gate, Gates
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
)
from training.declared.schema import Listed, Name, Part, Problems, Scalar, absence, refusal
from training.declared.settings import read_params
from training.declared.tuning import AUTO, LARGEST_SECONDS, TuningBlock, TuningSpec, automatic, tuned
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
    "TuningSpec",
]

DEFAULT_ESTIMATORS = {"clustering": "kmeans", "anomaly": "isolation_forest"}
NEED_AN_ESTIMATOR = {"estimator", "params", "tuning", "monotone"}
"""Keys of a block that belong to one estimator; with none of them, few rows may have a simpler one."""
CLASSIFYING = ("binary", "multiclass")
SUPERVISED = (*CLASSIFYING, "regression")
GIVES_FEATURES = "onnx"
"""The estimator whose file says what its features are."""


def _of_name(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


def _of_flag(value: object) -> object:
    return ({} if value else None) if isinstance(value, bool) else value


def _tuning(value: object, info: ValidationInfo) -> TuningSpec | None:
    """Return how the model is tuned; with estimator auto also where the block does not say so."""
    model = info.data
    task, estimator = model.get("task"), model.get("estimator")
    block = None if value is None else TuningBlock.model_validate(value)
    if estimator == AUTO:
        if block:
            raise refusal(value, "has no effect with estimator auto, which tunes by itself", "remove it")
        return automatic(task, model.get("time_budget_seconds")) if task and task in OBJECTIVES else None
    if block is None or task is None:
        return None
    if task not in OBJECTIVES:
        raise refusal(value, f"is for the tasks {', '.join(OBJECTIVES)}", "remove it")
    if estimator is None:
        return None
    return tuned(block, task, estimator, model.get("params"), is_trained=_is_trained(info))


def _check_suitable(estimator: str, task: str) -> None:
    # Only a wrong name makes all libraries be imported.
    if estimator in ESTIMATORS and task in ESTIMATORS[estimator].tasks:
        return
    problems = Problems()
    suitable = [name for name, each in ESTIMATORS.items() if task in each.tasks]
    problems.choice((), estimator, [*suitable, *([AUTO] if task in SUPERVISED else [])])
    problems.raise_all()


def _is_trained(info: ValidationInfo) -> bool:
    return bool((info.context or {}).get("is_trained"))


class ModelSpec(Part):
    """Everything that a model's configuration says, defaults of its task included.

    A validator sees the keys above its own, as far as they are right; so each rule stands at the last of
    the keys that it compares.
    """

    task: Literal["binary", "multiclass", "regression", "clustering", "anomaly"] = Field(
        description="The kind of prediction.", examples=["binary"]
    )
    key: Name = Field(description="The column that identifies a row.", examples=["customer_id"])
    split: SplitSpec = Field(
        description="The way in which rows are divided into train, validation and test.",
        examples=[{"method": "random", "validation": 0.1, "test": 0.2}],
    )
    label: Name | None = Field(
        None,
        description="The label column: what to predict. For task anomaly, the column that marks known "
        "anomalies, if there is one; task clustering has none.",
        examples=["is_churned"],
    )
    positive: Scalar | None = Field(
        None,
        description="The value of the label that counts as positive, for tasks binary and anomaly; true or 1 "
        "unless set.",
        examples=["late"],
    )
    time: Name | None = Field(
        None,
        description="The column that holds the time of prediction; required for split method sequential.",
        examples=["predicted_at"],
    )
    estimator: Annotated[
        str, BeforeValidator(lambda value: value, json_schema_input_type=Literal[(*ESTIMATORS, AUTO)])
    ] = Field(
        "",
        description="What is fitted: lightgbm unless set, kmeans for task clustering, isolation_forest for "
        "task anomaly. auto tries all that suit the task.",
        examples=["random_forest"],
    )
    monotone: dict[str, Literal["increasing", "decreasing"]] = Field(
        {},
        description="By feature, whether the score may only rise or only fall with it, in lightgbm.",
        examples=[{"amount": "increasing"}],
    )
    params: dict[str, Any] = Field(
        {},
        description="Settings of the estimator, listed for each one below.",
        examples=[{"num_leaves": 15, "learning_rate": 0.1}],
    )
    seed: int = Field(1, ge=0, le=2**31 - 1, description="The seed of every random choice.", examples=[7])
    weight: Name | None = Field(None, description="The column that weighs the rows.", examples=["exposure"])
    class_weight: Literal["balanced"] | None = Field(
        None,
        description="Gives every class the same total weight in training; for tasks binary and multiclass.",
        examples=["balanced"],
    )
    sliced: Listed[Annotated[Slice, BeforeValidator(_of_name, json_schema_input_type=Name | Slice)]] = Field(
        (),
        alias="slices",
        description="The columns by whose values metrics are also measured.",
        examples=[["region", {"column": "sex", "feature": False}]],
    )
    features: dict[str, FeatureRules] = Field(
        {},
        description="What null and an unseen category mean, by feature; the others have the usual rules.",
        examples=[{"age": {"nulls": "constant", "constant": 0}}],
    )
    selection: Annotated[
        SelectionSpec | None, BeforeValidator(_of_flag, json_schema_input_type=bool | SelectionSpec)
    ] = Field(
        None,
        alias="select_features",
        description="Whether features are dropped that do not help, and how that is decided.",
        examples=[True],
    )
    time_budget_seconds: float | None = Field(
        None,
        ge=1,
        le=LARGEST_SECONDS,
        description="How long estimator auto tries; 300 unless set.",
        examples=[60],
    )
    tuning: Annotated[TuningSpec | None, PlainValidator(_tuning, json_schema_input_type=TuningBlock)] = Field(
        None,
        description="How settings are searched for on the validation rows; none are unless set.",
        examples=[{"trials": 30}],
    )
    gates: Listed[Gates] = Field(
        (),
        description="The rules that a version must meet to score.",
        examples=[[{"metric": "roc_auc", "min": 0.7}]],
    )
    must_beat_constant: bool = Field(
        True,
        description="Whether a version that is no better than a constant is refused; not for tasks "
        "clustering and anomaly.",
        examples=[False],
    )
    pin: Pin | None = Field(
        None,
        description="A version that scores whatever is trained later.",
        examples=[{"version": 1, "reason": "audit"}],
    )

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
        return self.task in SUPERVISED and not self.model_fields_set & NEED_AN_ESTIMATOR

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

    @field_validator("label")
    @classmethod
    def _label(cls, label: str | None, info: ValidationInfo) -> str | None:
        task = info.data.get("task")
        if label is not None and task == "clustering":
            raise refusal(label, "has no effect in task clustering", "remove it")
        if label is None and task not in (None, "clustering", "anomaly"):
            raise absence()
        return label

    @field_validator("positive")
    @classmethod
    def _positive(cls, positive: str | None, info: ValidationInfo) -> str | None:
        if positive is not None and info.data.get("task", "binary") not in ("binary", "anomaly"):
            raise refusal(positive, "is for labels of two classes, in tasks binary and anomaly", "remove it")
        return positive

    @field_validator("time")
    @classmethod
    def _time(cls, time: str | None, info: ValidationInfo) -> str | None:
        split = info.data.get("split")
        if time is None and split and split.method == "sequential":
            raise absence()
        return time

    @field_validator("estimator")
    @classmethod
    def _estimator(cls, estimator: str, info: ValidationInfo) -> str:
        task = info.data.get("task", "")
        if not estimator:
            return DEFAULT_ESTIMATORS.get(task, "lightgbm")
        if task and not _is_trained(info):
            _check_suitable(estimator, task)
        return estimator

    @field_validator("monotone")
    @classmethod
    def _monotone(cls, monotone: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        estimator = info.data.get("estimator")
        if monotone and estimator and not _is_trained(info):
            able = [name for name, each in ESTIMATORS.items() if each.is_monotone]
            if estimator not in able:
                remedy = "remove it or change the estimator"
                raise refusal(monotone, f"is for the estimator {' or '.join(able)}", remedy)
        return monotone

    @field_validator("params")
    @classmethod
    def _params(cls, params: dict[str, Any], info: ValidationInfo) -> dict[str, Setting]:
        model = info.data
        task, estimator = model.get("task"), model.get("estimator")
        if params and estimator == AUTO:
            rule = "has no effect with estimator auto, which chooses the settings"
            raise refusal(params, rule, "remove it or name an estimator")
        if not params or not task or not estimator or _is_trained(info):
            return params
        return read_params(params, task, estimator, is_monotone=bool(model.get("monotone")))

    @field_validator("weight")
    @classmethod
    def _weight(cls, weight: str | None, info: ValidationInfo) -> str | None:
        split = info.data.get("split")
        named = {key: info.data.get(key) for key in ("label", "key", "time")}
        named |= {"weight": weight, "split.column": split.column if split else None}
        first: dict[str, str] = {}
        problems = Problems()
        for key, column in named.items():
            if column is not None and (other := first.setdefault(column.lower(), key)) != key:
                rule = f"is a column that {other} names already"
                problems.add((), column, rule, "name another column", at=tuple(key.split(".")))
        problems.raise_all()
        return weight

    @field_validator("class_weight")
    @classmethod
    def _class_weight(cls, class_weight: str | None, info: ValidationInfo) -> str | None:
        if class_weight and info.data.get("task", "binary") not in CLASSIFYING:
            raise refusal(class_weight, "is for tasks binary and multiclass", "remove it")
        if class_weight and info.data.get("weight"):
            raise refusal(class_weight, "conflicts with weight", "remove one of them")
        return class_weight

    @field_validator("selection")
    @classmethod
    def _selection(cls, selection: SelectionSpec | None, info: ValidationInfo) -> SelectionSpec | None:
        task = info.data.get("task")
        if selection and info.data.get("estimator") == GIVES_FEATURES:
            rule = (
                f"has no effect with estimator {GIVES_FEATURES}, whose file takes the features that it takes"
            )
            raise refusal(True, rule, "remove it")
        return selection.for_task(task) if selection and task else selection

    @field_validator("time_budget_seconds")
    @classmethod
    def _budget(cls, budget: float | None, info: ValidationInfo) -> float | None:
        if budget and info.data.get("estimator", AUTO) != AUTO:
            raise refusal(
                budget, f"is for estimator {AUTO}", "remove it, or use tuning: {timeout_seconds: ...}"
            )
        return budget

    @field_validator("tuning")
    @classmethod
    def _tuning_rows(cls, tuning: TuningSpec | None, info: ValidationInfo) -> TuningSpec | None:
        split = info.data.get("split")
        if tuning and split and split.method != "custom" and not split.validation:
            rule = "must be above 0, as there must be rows to tune on or to choose an estimator by"
            problems = Problems()
            problems.add((), split.validation, rule, "write 0.2", at=("split", "validation"))
            problems.raise_all()
        return tuning

    @field_validator("must_beat_constant")
    @classmethod
    def _must_beat(cls, must_beat_constant: bool, info: ValidationInfo) -> bool:
        is_written = "must_beat_constant" in (info.context or {}).get("keys", ())
        if is_written and info.data.get("task") in WITHOUT_BASELINE:
            rule = f"has no effect in task {info.data['task']}, which has no baseline"
            raise refusal(must_beat_constant, rule, "remove it")
        return must_beat_constant
