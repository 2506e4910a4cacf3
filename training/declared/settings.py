"""The settings of an estimator as a model's block gives them: one value of each, or where tuning looks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field, PlainValidator, TypeAdapter, ValidationInfo, create_model, field_validator

from training.declared.problems import Problem, check, problem, problems_of
from training.declared.schema import Listed, Name, Part
from training.estimators import ESTIMATORS
from training.estimators.base import Choice, Limits, Misfit, Range, Setting, Text

Number = TypeVar("Number", int, float)
Kind = Limits | Choice | Text | None


class Bounds(Part, Generic[Number]):
    """Where tuning looks for a number."""

    low: Number = Field(examples=[7])
    """The least value to try."""
    high: Number = Field(examples=[63])
    """The largest value to try."""
    log: bool = Field(False, examples=[True])
    """Whether to try values evenly by magnitude."""

    @field_validator("high")
    @classmethod
    def _high(cls, high: Number, info: ValidationInfo) -> Number:
        low = info.data.get("low")
        if low is not None and high <= low:
            check(problem(high, f"must be above low, which is {low}", "widen the range"))
        return high

    @field_validator("log")
    @classmethod
    def _log(cls, log: bool, info: ValidationInfo) -> bool:
        if log and info.data.get("low", 1) <= 0:
            rule = "needs low above 0, as a logarithmic scale has no 0"
            check(problem(log, rule, "raise low or remove log"))
        return log


@cache
def params_model(estimator: str) -> type[Part]:
    """Return the model of a block ``params``."""
    fields = {name: (_type(kind) | None, None) for name, kind in ESTIMATORS[estimator].params.items()}
    return create_model(f"{estimator} params", __base__=Part, **fields)  # type: ignore[call-overload,no-any-return]


@cache
def search_model(estimator: str) -> type[Part]:
    """Return the model of a block ``tuning.search``."""
    fields = {name: (_where(kind) | None, None) for name, kind in ESTIMATORS[estimator].params.items()}
    return create_model(f"{estimator} search", __base__=Part, **fields)  # type: ignore[call-overload,no-any-return]


def read_params(
    values: Mapping[str, Any], task: str, estimator: str, *, is_monotone: bool
) -> dict[str, Setting]:
    """Return the settings in the estimator's own order, or raise what is wrong with them."""
    check(*problems_of(params_model(estimator), values)[1])
    chosen = {name: values[name] for name in ESTIMATORS[estimator].params if name in values}
    check(*map(_misfit, ESTIMATORS[estimator].misfits(task, chosen, is_monotone)))
    return chosen


def read_search(
    values: Mapping[str, Any], task: str, estimator: str, params: Mapping[str, Setting] | None
) -> dict[str, Range | Choice]:
    """Return where to look for each setting, or raise what is wrong.

    The params are those that the model has chosen, None if they are wrong themselves.
    """
    kinds, misfits = ESTIMATORS[estimator].params, ESTIMATORS[estimator].misfits
    deciding = [name for name, kind in kinds.items() if isinstance(kind, Choice) and kind.is_deciding]
    rule = "cannot be searched, as other settings depend on it"
    problems = [
        problem(values[name], rule, "choose one value under params", at=(name,))
        for name in deciding
        if name in values
    ]
    searched = {name: where for name, where in values.items() if name not in deciding}
    block, more = problems_of(search_model(estimator), searched)
    check(*problems, *more)
    space = {name: _space(getattr(block, name), kinds[name]) for name in kinds if name in values}
    if params is not None:
        before = {misfit.setting for misfit in misfits(task, params, False)}
        # The largest values are those that can be too large together.
        largest = {**params, **{name: _largest(where) for name, where in space.items()}}
        check(*(_misfit(each) for each in misfits(task, largest, False) if each.setting not in before))
    return space


def _misfit(misfit: Misfit) -> Problem:
    return problem(misfit.value, misfit.rule, misfit.remedy, at=(misfit.setting,))


def _type(kind: Kind) -> Any:
    if isinstance(kind, Limits):
        return Annotated[int if kind.whole else float, Field(ge=kind.low, le=kind.high)]
    if isinstance(kind, Choice):
        return Literal[kind.options]
    return bool if kind is None else Annotated[Name, Field(description=kind.meaning)]


def _where(kind: Kind) -> Any:
    """Return the type of what is searched: a list of values or, for a number, bounds."""
    single = _type(kind)
    values: Any = Annotated[Listed[single], Field(min_length=1)]  # type: ignore[valid-type]
    if not isinstance(kind, Limits):
        return values
    bounds: Any = Bounds[single]  # type: ignore[valid-type]

    def read(value: object) -> Any:
        return (
            TypeAdapter(values).validate_python(value, strict=True)
            if isinstance(value, list)
            else bounds.model_validate(value)
        )

    return Annotated[Any, PlainValidator(read, json_schema_input_type=values | bounds)]


def _space(declared: Any, kind: Kind) -> Range | Choice:
    if isinstance(declared, Bounds):
        return Range(declared.low, declared.high, declared.log, whole=isinstance(kind, Limits) and kind.whole)
    return Choice(declared)


def _largest(where: Range | Choice) -> Setting:
    return max(where.options) if isinstance(where, Choice) else where.high
