"""The settings of an estimator in a model's YAML block."""

from __future__ import annotations

from training.declared.checked import Block
from training.declared.spec import AUTO
from training.estimators import ESTIMATORS
from training.estimators.base import Choice, Limits, Setting, Text


def read_params(block: Block, task: str, estimator: str) -> dict[str, Setting]:
    """Return the estimator's own settings, each within the limits that the estimator states."""
    rule = "has no use with estimator auto, which chooses the settings"
    if not block.only_with("params", estimator != AUTO, rule, "remove it or name an estimator"):
        return {}
    params = block.block("params", "{learning_rate: 0.05}")
    if params is None:
        return {}
    known = ESTIMATORS[estimator].params
    problems_before = len(params.problems)
    values = {name: read_setting(params, name, kind) for name, kind in known.items() if params.has(name)}
    params.no_other_keys()
    if len(params.problems) == problems_before:
        for misfit in ESTIMATORS[estimator].misfits(task, values, block.has("monotone")):
            params.problem(misfit.setting, misfit.rule, misfit.found, misfit.remedy)
    return values


def read_setting(params: Block, name: str, kind: Limits | Choice | Text | None) -> Setting:
    """Return one setting, which must be there."""
    if kind is None:
        return params.flag(name)
    if isinstance(kind, Text):
        return params.text(name, kind.meaning)
    if isinstance(kind, Choice):
        chosen: Setting = params.one_of(name, kind.options)
        return chosen
    return params.number(name, kind.low, kind.high, whole=kind.whole)
