"""Errors of rows and of what is asked of them."""

from __future__ import annotations

from typing import Self

from scoring.errors.base import WarehouseMLError, hint, listed


class RowError(WarehouseMLError):
    """Rows that do not have the columns a model asks for."""

    @classmethod
    def not_a_struct(cls, model: str, kind: object) -> Self:
        """Report that the second argument is not a row."""
        return cls(
            f"Model '{model}' needs a row of named columns, but got {kind}; "
            "pass a table alias, which no column may be called, or a struct, as in ml_predict('m', t) or "
            "ml_predict('m', {'x': 1}), on Spark "
            "ml_predict('m', struct(*))."
        )

    @classmethod
    def missing_columns(cls, model: str, missing: list[str], columns: list[str]) -> Self:
        """Report which columns of the signature the row lacks."""
        noun = "column" if len(missing) == 1 else "columns"
        return cls(
            f"Model '{model}' needs the {noun} {listed(missing)}: every feature is matched by name and must "
            f"be there, but the row has {listed(columns)}; add or rename the {noun}.{hint(missing[0], columns)}"
        )

    @classmethod
    def ambiguous_column(cls, model: str, feature: str, columns: list[str]) -> Self:
        """Report that two columns differ from a feature only in case."""
        return cls(
            f"Model '{model}' cannot tell which column is the feature '{feature}': names are matched without "
            f"regard to case, and the row has {listed(columns)}; rename all but one."
        )

    @classmethod
    def wrong_type(cls, model: str, column: str, column_type: object, feature_type: str) -> Self:
        """Report that a column has another type than its feature."""
        kind, trained, remedy = {
            "number": ("a number or boolean", "a number", "cast it to double"),
            "category": ("text", "a category", "cast it to varchar"),
            "instant": ("a date or timestamp", "an instant", "cast it to timestamp"),
        }[feature_type]
        return cls(
            f"Model '{model}' needs {kind} in column '{column}': it was trained as {trained}, "
            f"but the column's type is {column_type}; {remedy} the way the training query did."
        )

    @classmethod
    def without_value(cls, model: str, column: str, lacking: int, rows: int) -> Self:
        """Report in how many rows a feature that must be known is null."""
        return cls(
            f"Model '{model}' needs a value in column '{column}': its rule for nulls is `error`, but "
            f"{lacking} of the {rows} rows at hand have null, NaN or infinite time there; filter them out, or "
            "train the model with another rule."
        )

    @classmethod
    def infinite(cls, model: str, column: str, infinite: int, rows: int) -> Self:
        """Report in how many rows a number is infinite that must not be."""
        return cls(
            f"Model '{model}' needs a finite number in column '{column}', but it is infinite in {infinite} of the "
            f"{rows} rows at hand; filter them out."
        )

    @classmethod
    def unseen_category(cls, model: str, column: str, unseen: int, rows: int, example: str) -> Self:
        """Report in how many rows a category is one that training did not see."""
        return cls(
            f"Model '{model}' needs a category that training saw in column '{column}': its rule for unseen "
            f"ones is `error`, but {unseen} of the {rows} rows at hand have another, such as '{example}'; "
            "filter them out, or train the model with another rule."
        )


class TaskError(WarehouseMLError):
    """A SQL function that has no answer for the task of a model."""

    @classmethod
    def no_number(cls, model: str) -> Self:
        """Report that a model of several classes predicts no number."""
        return cls(
            f"Model '{model}' predicts no single number: ml_predict gives a probability, a value, the number "
            "of a cluster or an anomaly score, and the model's task is multiclass; use ml_predict_class for "
            "the likeliest class, or ml_predict_proba for the probability of each; the macro predict takes "
            "outputs=['predicted_class']."
        )

    @classmethod
    def no_class(cls, model: str, task: str) -> Self:
        """Report that the model does not tell classes apart."""
        return cls(
            f"Model '{model}' predicts no class: ml_predict_class is for the tasks binary, multiclass, "
            f"clustering and anomaly, and the model's task is {task}; use ml_predict for the value."
        )

    @classmethod
    def no_probabilities(cls, model: str, task: str) -> Self:
        """Report that the model gives classes no probabilities."""
        return cls(
            f"Model '{model}' predicts no probabilities: ml_predict_proba is for the tasks binary and "
            f"multiclass, and the model's task is {task}; use ml_predict."
        )
