"""The parts of a model's block that stand for themselves: split, slices, features, selection and pin."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from scoring.signature import CONSTANT as REPLACED
from training.declared.problems import MISSING, check, choice, problem
from training.declared.schema import RULE, Name, Part, Scalar, Texts

Method = Literal["sequential", "random", "custom", "none"]
NullRule = Literal["error", "missing", "constant", "most_frequent"]

CONSTANT, DUPLICATE, LEAKING, UNINFORMATIVE = REASONS = ("constant", "duplicate", "leaking", "uninformative")
"""Why a feature is dropped, in the order in which it is looked for."""
WITHOUT_LABEL = (CONSTANT, DUPLICATE)
LARGEST_ALONE = {"binary": 0.98, "multiclass": 0.98, "regression": 0.99}
"""By task, what a feature alone may reach: areas under the ROC curve, or the explained share of variance."""


class SplitSpec(Part):
    """How rows are divided: a method, its column if it reads one, and the shares of validation and test."""

    method: Method = Field(examples=["random"])
    """The way in which rows are divided: sequential by time, random by key, custom by a column, or none,
    where all rows are training rows."""
    column: Name | None = Field(None, examples=["part"])
    """The column that holds train, validation or test; for method custom."""
    validation: float = Field(0.0, ge=0, le=0.9, examples=[0.1])
    """The share of rows to tune and to stop on; for methods sequential and random."""
    test: float = Field(0.0, ge=0, le=0.9, examples=[0.2])
    """The share of rows to measure on; for methods sequential and random."""

    @field_validator("column", "validation", "test")
    @classmethod
    def _suits_method(cls, value: Any, info: ValidationInfo) -> Any:
        is_column, method = info.field_name == "column", info.data.get("method")
        if value and method and (method != "custom" if is_column else method in ("custom", "none")):
            check(problem(value, f"has no effect with split method {method}", "remove it"))
        if value is None and method == "custom":
            check(((), MISSING))
        if info.field_name == "test" and value + info.data.get("validation", 0) >= 1:
            check(problem(value, "must be below 1 together with validation", "leave rows to train on"))
        return value


class Slice(Part):
    """A column by whose values metrics are also measured."""

    column: Name = Field(examples=["sex"])
    """The column to slice by."""
    feature: bool = Field(True, examples=[False])
    """Whether the model learns from the column too."""


class FeatureRules(Part):
    """What null and an unseen category mean to a feature."""

    nulls: NullRule = Field("missing", examples=["constant"])
    """What a null is: an error, missing to the model, a constant or the most frequent value."""
    unseen: NullRule = Field("missing", examples=["most_frequent"])
    """What a category becomes that no training row has."""
    constant: Scalar | None = Field(None, examples=[0])
    """The value that the rule constant puts in its place."""

    @field_validator("constant")
    @classmethod
    def _constant(cls, constant: str | None, info: ValidationInfo) -> str | None:
        is_used = REPLACED in (info.data.get("nulls"), info.data.get("unseen"))
        if constant is None and is_used:
            check(((), MISSING))
        if constant is not None and not is_used and len(info.data) == 2:
            check(problem(constant, "is for the rule constant", "remove it"))
        return constant


class SelectionSpec(Part):
    """How features are selected."""

    drop: Texts = Field(
        REASONS,
        min_length=1,
        examples=[["constant", "duplicate"]],
        json_schema_extra={RULE: f"some of {', '.join(REASONS)}"},
    )
    """The reasons to drop a feature for; all of them unless set, or those without a label."""
    keep: Texts = Field((), examples=["distance"])
    """The features that are never dropped."""
    leaking_above: float = Field(1.0, ge=0.5, le=1, examples=[0.95])
    """What a feature may reach alone: the area under the ROC curve, or the explained share of variance;
    0.98 for classes and 0.99 for numbers unless set."""
    min_gain: float = Field(1.0, ge=0, le=1000, examples=[1.5])
    """What a feature must gain, as a multiple of what it gains on shuffled labels."""
    shuffles: int = Field(10, ge=1, le=1000, examples=[20])
    """How often labels are shuffled."""
    rows: int = Field(20000, ge=100, le=10000000, examples=[5000])
    """The most training rows to look at."""

    def for_task(self, task: str) -> SelectionSpec:
        """Return the selection with the defaults of a task, or raise what does not suit it."""
        written = self.model_fields_set
        possible = REASONS if task in LARGEST_ALONE else WITHOUT_LABEL
        drop = self.drop if "drop" in written else possible
        problems = [each for reason in drop for each in choice(reason, REASONS, at=("drop",))]
        for reason in set(REASONS) & set(drop) - set(possible):
            rule = f"needs a label to predict, which task {task} does not have"
            problems.append(problem(reason, rule, "remove it", at=("drop",)))
        needs = {"leaking_above": LEAKING, "min_gain": UNINFORMATIVE, "shuffles": UNINFORMATIVE}
        for key, reason in needs.items():
            if key in written and reason not in drop:
                rule, remedy = f"is for the reason {reason}", f"remove it, or add {reason} to drop"
                problems.append(problem(getattr(self, key), rule, remedy, at=(key,)))
        check(*problems)
        ordered = tuple(reason for reason in possible if reason in drop)
        largest = self.leaking_above if "leaking_above" in written else LARGEST_ALONE.get(task, 1.0)
        return self.model_copy(update={"drop": ordered, "leaking_above": largest})


class Trial(Part):
    """A second version that scores some of the rows."""

    version: int = Field(ge=1, examples=[2])
    """The version that scores its share of the rows, whether or not it met its gates."""
    share: float = Field(gt=0, lt=1, examples=[0.1])
    """The share of the rows, by a hash of their key; the champion scores the others."""


class Pin(Part):
    """A version that an operator holds on to."""

    version: int = Field(ge=1, examples=[1])
    """The version that is champion whatever is trained later."""
    reason: Name | None = Field(None, examples=["audit"])
    """The reason, which the decision keeps."""
