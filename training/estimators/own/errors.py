"""Errors of a model that the user's own code fitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from scoring.errors import WarehouseMLError, listed


def _a(kind: str) -> str:
    return f"{'an' if kind[:1] in 'AEIOUL' and kind[:2] not in ('La', 'Li', 'Lo', 'Un') else 'a'} {kind}"


class OwnModelError(WarehouseMLError):
    """A model from a Python file that cannot become a version."""

    @classmethod
    def _of(cls, model: str, problem: str, remedy: str) -> Self:
        return cls(f"Model '{model}' was not trained: {problem}; {remedy}.")

    @classmethod
    def no_kind(cls, model: str, kind: str, kinds: Sequence[str]) -> Self:
        """Report a kind of model that cannot be exported exactly, and list those that can."""
        searched = "its best_estimator_, or " if kind.endswith("SearchCV") else ""
        return cls._of(
            model,
            f"its Python file returns {_a(kind)}, which cannot be exported exactly",
            f"return {searched}one of {listed(kinds)}, alone or, those of scikit-learn, in a Pipeline after "
            "SimpleImputer and StandardScaler; or return the training rows alone and name an estimator in the block",
        )

    @classmethod
    def no_step(cls, model: str, kind: str) -> Self:
        """Report a step of a pipeline that cannot be exported exactly."""
        return cls._of(
            model,
            f"the pipeline that its Python file returns has the step {kind}, which cannot be exported exactly",
            "use SimpleImputer and StandardScaler, and do the rest in the query",
        )

    @classmethod
    def setting(cls, model: str, kind: str, setting: str, remedy: str) -> Self:
        """Report a setting, or what was made of it, with which a model cannot be exported."""
        return cls._of(
            model,
            f"its Python file returns {_a(kind)} with {setting}, which cannot be exported exactly",
            remedy,
        )

    @classmethod
    def not_fitted(cls, model: str, kind: str) -> Self:
        """Report a model that was not fitted."""
        return cls._of(
            model, f"its Python file returns {_a(kind)} that is not fitted", "call its method fit first"
        )

    @classmethod
    def wrong_task(cls, model: str, kind: str, tasks: Sequence[str], task: str) -> Self:
        """Report a model that is for another task than the block's."""
        return cls._of(
            model,
            f"its Python file returns {_a(kind)}, which is for task {' or '.join(tasks)}, but ml.task is {task}",
            "correct the task, or fit a model for it",
        )

    @classmethod
    def missing_columns(cls, model: str, kind: str, missing: Sequence[str], columns: Sequence[str]) -> Self:
        """Report which columns a model was fitted on that are no features of the rows."""
        return cls._of(
            model,
            f"its {kind} was fitted on {listed(missing)}, not among the features of the returned rows, which are "
            f"{listed(columns)}",
            "return the rows with these columns, or fit without what the block names as label, key, time, weight "
            "or split",
        )

    @classmethod
    def other_count(cls, model: str, kind: str, fitted: int, columns: Sequence[str]) -> Self:
        """Report a model that was fitted on an array of another width."""
        return cls._of(
            model,
            f"its {kind} was fitted on {fitted} columns without names, but the returned rows have {len(columns)} "
            f"features: {listed(columns)}",
            "fit it on a data frame, or return rows with the same features in the same order",
        )

    @classmethod
    def no_numbers(cls, model: str, kind: str, columns: Sequence[str]) -> Self:
        """Report features that are no numbers."""
        return cls._of(
            model,
            f"its {kind} takes numbers and booleans, but the returned rows have {listed(columns)}",
            "turn them into numbers in the query, or return the training rows alone and name an estimator in the block",
        )

    @classmethod
    def missing_values(cls, model: str, kind: str, column: str, missing: int, rows: int) -> Self:
        """Report rows with a null that the model does not take."""
        return cls._of(
            model,
            f"its {kind} takes no missing values, but column '{column}' has {missing} among the {rows} returned rows",
            "put a SimpleImputer before it in a Pipeline, or replace or filter them in the query",
        )

    @classmethod
    def infinite_values(cls, model: str, kind: str, column: str, infinite: int, rows: int) -> Self:
        """Report rows with an infinity that the model does not take."""
        return cls._of(
            model,
            f"its {kind} takes no infinity, but column '{column}' has {infinite} among the {rows} returned rows",
            "replace or filter them in the query",
        )

    @classmethod
    def other_classes(
        cls, model: str, kind: str, learned: Sequence[str], label: str | None, classes: Sequence[str]
    ) -> Self:
        """Report a model whose classes, or their order, are not those of the label."""
        return cls._of(
            model,
            f"its {kind} was fitted on the classes {listed(learned)}, but those of label '{label}' are "
            f"{listed(classes)}, in this order",
            "fit it on the label as the returned rows have it",
        )
